-- Parameters: $as_of (only what was observed before it), $scheme (the tier scheme), $changed_since (nothing was
-- observed of the changed posts before it: an engine passes over what a long history has before it).
-- The weeks of UTC in which a week of the zone lies (that of its begin, of a day later, of its end; the week in which
-- summer time ends has an hour more than seven days): an equality to join on before its exact bounds.
WITH name_utc_weeks AS (
    SELECT
        week_start,
        starts_at,
        ends_at,
        date_trunc('week', starts_at) AS utc_week
    FROM seeds.weeks
    UNION
    SELECT
        week_start,
        starts_at,
        ends_at,
        date_trunc('week', starts_at + INTERVAL 1 DAY) AS utc_week
    FROM seeds.weeks
    UNION
    SELECT
        week_start,
        starts_at,
        ends_at,
        date_trunc('week', ends_at) AS utc_week
    FROM seeds.weeks
),

take_posts AS (
    SELECT
        posts.post_key,
        posts.account_key,
        accounts.creator_key,
        posts.platform,
        posts.kind,
        CASE
            WHEN posts.platform IN ('instagram', 'facebook') AND posts.kind IN ('image', 'carousel', 'reel', 'video')
                THEN 'feed'
            WHEN posts.platform = 'youtube' AND posts.kind IN ('video', 'short') THEN posts.kind
            WHEN posts.platform = 'tiktok' AND posts.kind = 'video' THEN 'video'
        END AS kind_group,
        weeks.week_start,
        posts.published_at,
        cast(posts.published_at AS DATE) AS published_on,
        posts.is_branded,
        ages.settling_days,
        posts.first_observed_at
    FROM core.posts AS posts
    INNER JOIN stage.changed_posts AS changed ON posts.post_key = changed.post_key
    INNER JOIN core.accounts AS accounts ON posts.account_key = accounts.account_key
    LEFT JOIN seeds.settling_ages AS ages ON posts.platform = ages.platform
    LEFT JOIN name_utc_weeks AS weeks
        ON
            date_trunc('week', posts.published_at) = weeks.utc_week
            AND posts.published_at >= weeks.starts_at
            AND posts.published_at < weeks.ends_at
    WHERE
        posts.published_at < $as_of
        AND posts.first_observed_at >= $changed_since
),

-- Followers at posting: the days of posts and of counts in one line per account, each looking both ways. An account
-- without any count needs no look, nor does a count that is more than 90 days away from every post.
rank_counts AS (
    SELECT
        account_key,
        observed_on,
        followers,
        row_number() OVER (
            PARTITION BY account_key, observed_on
            ORDER BY observed_at DESC, file_id DESC
        ) AS place
    FROM core.follower_observations
    WHERE
        observed_at < $as_of
        AND account_key IN (SELECT posts.account_key FROM take_posts AS posts)
        AND observed_on >= (SELECT min(posts.published_at) - INTERVAL 91 DAY FROM take_posts AS posts)
        AND observed_on <= (SELECT max(posts.published_at) + INTERVAL 91 DAY FROM take_posts AS posts)
),

take_counts AS (
    SELECT
        account_key,
        observed_on,
        followers
    FROM rank_counts
    WHERE place = 1
),

line_up_days AS (
    SELECT
        account_key,
        observed_on AS day,
        observed_on,
        cast(NULL AS DATE) AS published_on
    FROM take_counts
    UNION ALL
    SELECT DISTINCT
        account_key,
        published_on AS day,
        cast(NULL AS DATE) AS observed_on,
        published_on
    FROM take_posts
    WHERE account_key IN (SELECT counts.account_key FROM take_counts AS counts)
),

look_both_ways AS (
    SELECT
        account_key,
        published_on,
        max(observed_on) OVER (PARTITION BY account_key ORDER BY day) AS last_on,
        min(observed_on) OVER (PARTITION BY account_key ORDER BY day DESC) AS next_on
    FROM line_up_days
),

measure_distances AS (
    SELECT
        account_key,
        published_on,
        last_on,
        next_on,
        date_diff('day', last_on, published_on) AS days_since_last,
        date_diff('day', published_on, next_on) AS days_to_next
    FROM look_both_ways
    WHERE published_on IS NOT NULL
),

choose_days AS (
    SELECT
        account_key,
        published_on,
        CASE
            WHEN days_since_last <= 14 THEN last_on
            WHEN days_since_last <= 90 AND (days_to_next IS NULL OR days_since_last <= days_to_next) THEN last_on
            WHEN days_to_next <= 90 THEN next_on
        END AS observed_on,
        CASE
            WHEN days_since_last <= 14 THEN NULL
            WHEN days_since_last <= 90 OR days_to_next <= 90 THEN 'nearest'
            ELSE 'missing'
        END AS followers_flag
    FROM measure_distances
),

find_followers AS (
    SELECT
        days.account_key,
        days.published_on,
        days.observed_on,
        days.followers_flag,
        counts.followers
    FROM choose_days AS days
    LEFT JOIN take_counts AS counts
        ON days.account_key = counts.account_key AND days.observed_on = counts.observed_on
),

-- Ages: first which of a post's observations counts for each, from narrow rows, then what these observations say.
-- Joined without the weeks, whose bounds let a planner think that the posts are many and hash the whole history.
find_publish_times AS (
    SELECT
        posts.post_key,
        posts.platform,
        posts.published_at,
        ages.settling_days
    FROM core.posts AS posts
    INNER JOIN stage.changed_posts AS changed ON posts.post_key = changed.post_key
    LEFT JOIN seeds.settling_ages AS ages ON posts.platform = ages.platform
    WHERE
        posts.published_at < $as_of
        AND posts.first_observed_at >= $changed_since
),

measure_ages AS (
    SELECT
        posts.post_key,
        posts.platform,
        posts.published_at,
        posts.settling_days,
        metrics.observed_at,
        date_diff('microsecond', posts.published_at, metrics.observed_at) AS age_us
    FROM core.post_metrics AS metrics
    INNER JOIN find_publish_times AS posts ON metrics.post_key = posts.post_key
    WHERE
        metrics.is_lifetime
        AND metrics.observed_at < $as_of
        AND metrics.observed_at >= $changed_since
),

look_around_ages AS (
    SELECT
        post_key,
        platform,
        published_at,
        count(*) AS observations,
        max(CASE WHEN age_us BETWEEN 6 * 86400000000 AND 7 * 86400000000 THEN observed_at END) AS last_before_d7,
        min(CASE WHEN age_us BETWEEN 7 * 86400000000 AND 9 * 86400000000 THEN observed_at END) AS first_after_d7,
        max(CASE WHEN age_us BETWEEN 26 * 86400000000 AND 28 * 86400000000 THEN observed_at END) AS last_before_d28,
        min(CASE WHEN age_us BETWEEN 28 * 86400000000 AND 32 * 86400000000 THEN observed_at END) AS first_after_d28,
        min(CASE WHEN age_us >= settling_days * 86400000000 THEN observed_at END) AS observed_at_settled,
        max(observed_at) AS observed_at_latest
    FROM measure_ages
    GROUP BY post_key, platform, published_at
),

choose_ages AS (
    SELECT
        post_key,
        platform,
        observations,
        CASE
            WHEN
                first_after_d7 IS NULL
                OR 7 * 86400000000 - date_diff('microsecond', published_at, last_before_d7)
                <= date_diff('microsecond', published_at, first_after_d7) - 7 * 86400000000
                THEN last_before_d7
            ELSE first_after_d7
        END AS observed_at_d7,
        CASE
            WHEN
                first_after_d28 IS NULL
                OR 28 * 86400000000 - date_diff('microsecond', published_at, last_before_d28)
                <= date_diff('microsecond', published_at, first_after_d28) - 28 * 86400000000
                THEN last_before_d28
            ELSE first_after_d28
        END AS observed_at_d28,
        observed_at_settled,
        observed_at_latest
    FROM look_around_ages
),

-- The only observation of a post is its latest one, and may be the others.
take_only_rows AS (
    SELECT
        ages.post_key,
        ages.observed_at_d7,
        ages.observed_at_d28,
        ages.observed_at_settled,
        ages.observed_at_latest,
        metrics.views,
        metrics.reach,
        metrics.likes + metrics.comments AS engagements_core,
        CASE
            WHEN ages.platform = 'instagram'
                THEN metrics.likes + metrics.comments + metrics.shares + metrics.saves
            ELSE metrics.likes + metrics.comments + metrics.shares
        END AS engagements_full
    FROM core.post_metrics AS metrics
    INNER JOIN choose_ages AS ages ON metrics.post_key = ages.post_key
    WHERE
        ages.observations = 1
        AND metrics.is_lifetime
        AND metrics.observed_at < $as_of
        AND metrics.observed_at >= $changed_since
),

take_chosen_rows AS (
    SELECT
        ages.post_key,
        ages.observed_at_d7,
        ages.observed_at_d28,
        ages.observed_at_settled,
        ages.observed_at_latest,
        metrics.observed_at,
        metrics.views,
        metrics.reach,
        metrics.likes + metrics.comments AS engagements_core,
        CASE
            WHEN ages.platform = 'instagram'
                THEN metrics.likes + metrics.comments + metrics.shares + metrics.saves
            ELSE metrics.likes + metrics.comments + metrics.shares
        END AS engagements_full
    FROM core.post_metrics AS metrics
    INNER JOIN choose_ages AS ages ON metrics.post_key = ages.post_key
    WHERE
        ages.observations > 1
        AND metrics.is_lifetime
        AND metrics.observed_at >= $changed_since
        AND metrics.observed_at
        IN (ages.observed_at_d7, ages.observed_at_d28, ages.observed_at_settled, ages.observed_at_latest)
),

-- An instant may have several rows. They are rare, so what is taken here of posts that have such is thrown away.
spread_chosen_rows AS (
    SELECT
        post_key,
        max(observed_at_d7) AS observed_at_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN engagements_core END) AS engagements_core_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN views END) AS views_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN reach END) AS reach_d7,
        max(observed_at_d28) AS observed_at_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN engagements_core END) AS engagements_core_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN views END) AS views_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN reach END) AS reach_d28,
        max(observed_at_settled) AS observed_at_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN engagements_core END) AS engagements_core_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN views END) AS views_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN reach END) AS reach_settled,
        max(observed_at_latest) AS observed_at_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN engagements_core END) AS engagements_core_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN engagements_full END) AS engagements_full_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN views END) AS views_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN reach END) AS reach_latest,
        count(CASE WHEN observed_at = observed_at_d7 THEN 1 END) AS rows_d7,
        count(CASE WHEN observed_at = observed_at_d28 THEN 1 END) AS rows_d28,
        count(CASE WHEN observed_at = observed_at_settled THEN 1 END) AS rows_settled,
        count(CASE WHEN observed_at = observed_at_latest THEN 1 END) AS rows_latest
    FROM take_chosen_rows
    GROUP BY post_key
),

find_contested AS (
    SELECT post_key
    FROM spread_chosen_rows
    WHERE rows_d7 > 1 OR rows_d28 > 1 OR rows_settled > 1 OR rows_latest > 1
),

-- Of the rows of an instant: the one with more known counts, then the later file.
rank_contested_rows AS (
    SELECT
        ages.post_key,
        ages.observed_at_d7,
        ages.observed_at_d28,
        ages.observed_at_settled,
        ages.observed_at_latest,
        metrics.observed_at,
        metrics.views,
        metrics.reach,
        metrics.likes + metrics.comments AS engagements_core,
        CASE
            WHEN ages.platform = 'instagram'
                THEN metrics.likes + metrics.comments + metrics.shares + metrics.saves
            ELSE metrics.likes + metrics.comments + metrics.shares
        END AS engagements_full,
        row_number() OVER (
            PARTITION BY metrics.post_key, metrics.observed_at
            ORDER BY
                metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC, metrics.load_key ASC
        ) AS place
    FROM core.post_metrics AS metrics
    INNER JOIN find_contested AS contested ON metrics.post_key = contested.post_key
    INNER JOIN choose_ages AS ages ON metrics.post_key = ages.post_key
    WHERE
        metrics.is_lifetime
        AND metrics.observed_at >= $changed_since
        AND metrics.observed_at
        IN (ages.observed_at_d7, ages.observed_at_d28, ages.observed_at_settled, ages.observed_at_latest)
),

spread_ages AS (
    SELECT
        post_key,
        observed_at_d7,
        CASE WHEN observed_at_d7 IS NOT NULL THEN engagements_core END AS engagements_core_d7,
        CASE WHEN observed_at_d7 IS NOT NULL THEN views END AS views_d7,
        CASE WHEN observed_at_d7 IS NOT NULL THEN reach END AS reach_d7,
        observed_at_d28,
        CASE WHEN observed_at_d28 IS NOT NULL THEN engagements_core END AS engagements_core_d28,
        CASE WHEN observed_at_d28 IS NOT NULL THEN views END AS views_d28,
        CASE WHEN observed_at_d28 IS NOT NULL THEN reach END AS reach_d28,
        observed_at_settled,
        CASE WHEN observed_at_settled IS NOT NULL THEN engagements_core END AS engagements_core_settled,
        CASE WHEN observed_at_settled IS NOT NULL THEN views END AS views_settled,
        CASE WHEN observed_at_settled IS NOT NULL THEN reach END AS reach_settled,
        observed_at_latest,
        engagements_core AS engagements_core_latest,
        engagements_full AS engagements_full_latest,
        views AS views_latest,
        reach AS reach_latest
    FROM take_only_rows
    UNION ALL
    SELECT
        post_key,
        observed_at_d7,
        engagements_core_d7,
        views_d7,
        reach_d7,
        observed_at_d28,
        engagements_core_d28,
        views_d28,
        reach_d28,
        observed_at_settled,
        engagements_core_settled,
        views_settled,
        reach_settled,
        observed_at_latest,
        engagements_core_latest,
        engagements_full_latest,
        views_latest,
        reach_latest
    FROM spread_chosen_rows
    WHERE rows_d7 <= 1 AND rows_d28 <= 1 AND rows_settled <= 1 AND rows_latest <= 1
    UNION ALL
    SELECT
        post_key,
        max(observed_at_d7) AS observed_at_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN engagements_core END) AS engagements_core_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN views END) AS views_d7,
        max(CASE WHEN observed_at = observed_at_d7 THEN reach END) AS reach_d7,
        max(observed_at_d28) AS observed_at_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN engagements_core END) AS engagements_core_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN views END) AS views_d28,
        max(CASE WHEN observed_at = observed_at_d28 THEN reach END) AS reach_d28,
        max(observed_at_settled) AS observed_at_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN engagements_core END) AS engagements_core_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN views END) AS views_settled,
        max(CASE WHEN observed_at = observed_at_settled THEN reach END) AS reach_settled,
        max(observed_at_latest) AS observed_at_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN engagements_core END) AS engagements_core_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN engagements_full END) AS engagements_full_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN views END) AS views_latest,
        max(CASE WHEN observed_at = observed_at_latest THEN reach END) AS reach_latest
    FROM rank_contested_rows
    WHERE place = 1
    GROUP BY post_key
)

SELECT
    posts.post_key,
    posts.account_key,
    posts.creator_key,
    posts.platform,
    posts.kind,
    posts.kind_group,
    posts.week_start,
    posts.published_at,
    posts.is_branded,
    followers.followers AS followers_at_post,
    CASE WHEN followers.account_key IS NULL THEN 'missing' ELSE followers.followers_flag END AS followers_flag,
    followers.observed_on AS followers_observed_on,
    tiers.tier,
    ages.observed_at_d7,
    cast(date_diff('microsecond', posts.published_at, ages.observed_at_d7) AS DOUBLE) / 86400000000
        AS age_days_d7,
    ages.engagements_core_d7,
    ages.views_d7,
    ages.reach_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(ages.reach_d7, 0) AS er_reach_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(ages.views_d7, 0) AS er_views_d7,
    CASE
        WHEN ages.observed_at_d7 IS NULL THEN 'no_observation_in_window'
        WHEN ages.engagements_core_d7 IS NULL THEN 'engagements_unknown'
    END AS reason_d7,
    ages.observed_at_d28,
    cast(date_diff('microsecond', posts.published_at, ages.observed_at_d28) AS DOUBLE) / 86400000000
        AS age_days_d28,
    ages.engagements_core_d28,
    ages.views_d28,
    ages.reach_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(ages.reach_d28, 0) AS er_reach_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(ages.views_d28, 0) AS er_views_d28,
    CASE
        WHEN ages.observed_at_d28 IS NULL THEN 'no_observation_in_window'
        WHEN ages.engagements_core_d28 IS NULL THEN 'engagements_unknown'
    END AS reason_d28,
    ages.observed_at_settled,
    cast(date_diff('microsecond', posts.published_at, ages.observed_at_settled) AS DOUBLE) / 86400000000
        AS age_days_settled,
    ages.engagements_core_settled,
    ages.views_settled,
    ages.reach_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(ages.reach_settled, 0) AS er_reach_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(ages.views_settled, 0) AS er_views_settled,
    CASE
        WHEN ages.observed_at_settled IS NULL THEN 'not_settled_yet'
        WHEN ages.engagements_core_settled IS NULL THEN 'engagements_unknown'
    END AS reason_settled,
    ages.observed_at_latest,
    cast(date_diff('microsecond', posts.published_at, ages.observed_at_latest) AS DOUBLE) / 86400000000
        AS age_days_latest,
    ages.engagements_core_latest,
    ages.engagements_full_latest,
    ages.views_latest,
    ages.reach_latest,
    posts.first_observed_at
FROM take_posts AS posts
LEFT JOIN find_followers AS followers
    ON posts.account_key = followers.account_key AND posts.published_on = followers.published_on
LEFT JOIN seeds.tiers AS tiers
    ON
        tiers.scheme = $scheme
        AND followers.followers >= tiers.followers_min
        AND (followers.followers <= tiers.followers_max OR tiers.followers_max IS NULL)
LEFT JOIN spread_ages AS ages ON posts.post_key = ages.post_key
