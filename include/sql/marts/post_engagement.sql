-- Parameters: $as_of (only what was observed before it), $scheme (the tier scheme).
WITH take_posts AS (
    SELECT
        posts.post_key,
        posts.account_key,
        accounts.creator_key,
        posts.platform,
        posts.kind,
        posts.published_at,
        cast(posts.published_at AS DATE) AS published_on,
        posts.is_branded,
        ages.settling_days
    FROM core.posts AS posts
    INNER JOIN stage.changed_posts AS changed ON posts.post_key = changed.post_key
    INNER JOIN core.accounts AS accounts ON posts.account_key = accounts.account_key
    LEFT JOIN seeds.settling_ages AS ages ON posts.platform = ages.platform
    WHERE posts.published_at < $as_of
),

name_kind_groups AS (
    SELECT
        post_key,
        CASE
            WHEN platform IN ('instagram', 'facebook') AND kind IN ('image', 'carousel', 'reel', 'video') THEN 'feed'
            WHEN platform = 'youtube' AND kind IN ('video', 'short') THEN kind
            WHEN platform = 'tiktok' AND kind = 'video' THEN 'video'
        END AS kind_group
    FROM take_posts
),

-- A week of the zone lies in two weeks of UTC at most: an equality to join on before its exact bounds.
name_utc_weeks AS (
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
        date_trunc('week', ends_at) AS utc_week
    FROM seeds.weeks
),

find_weeks AS (
    SELECT
        posts.post_key,
        weeks.week_start
    FROM take_posts AS posts
    INNER JOIN name_utc_weeks AS weeks
        ON
            date_trunc('week', posts.published_at) = weeks.utc_week
            AND posts.published_at >= weeks.starts_at
            AND posts.published_at < weeks.ends_at
),

-- Followers at posting: the days of posts and of counts in one line per account, each looking both ways.
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
    WHERE observed_at < $as_of AND account_key IN (SELECT posts.account_key FROM take_posts AS posts)
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

-- Counts: one row a post and instant, then the row of each stated age.
rank_metrics AS (
    SELECT
        posts.post_key,
        posts.settling_days,
        metrics.observed_at,
        date_diff('microsecond', posts.published_at, metrics.observed_at) AS age_us,
        metrics.views,
        metrics.reach,
        metrics.likes + metrics.comments AS engagements_core,
        CASE
            WHEN posts.platform = 'instagram'
                THEN metrics.likes + metrics.comments + metrics.shares + metrics.saves
            ELSE metrics.likes + metrics.comments + metrics.shares
        END AS engagements_full,
        row_number() OVER (
            PARTITION BY metrics.post_key, metrics.observed_at
            ORDER BY
                metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC, metrics.load_key ASC
        ) AS place
    FROM core.post_metrics AS metrics
    INNER JOIN take_posts AS posts ON metrics.post_key = posts.post_key
    WHERE metrics.is_lifetime AND metrics.observed_at < $as_of
),

take_observations AS (
    SELECT *
    FROM rank_metrics
    WHERE place = 1
),

list_candidates AS (
    SELECT
        *,
        'd7' AS moment,
        abs(age_us - 7 * 86400000000) AS distance
    FROM take_observations
    WHERE age_us BETWEEN 6 * 86400000000 AND 9 * 86400000000
    UNION ALL
    SELECT
        *,
        'd28' AS moment,
        abs(age_us - 28 * 86400000000) AS distance
    FROM take_observations
    WHERE age_us BETWEEN 26 * 86400000000 AND 32 * 86400000000
    UNION ALL
    SELECT
        *,
        'settled' AS moment,
        age_us AS distance
    FROM take_observations
    WHERE age_us >= settling_days * 86400000000
    UNION ALL
    SELECT
        *,
        'latest' AS moment,
        -age_us AS distance
    FROM take_observations
),

rank_candidates AS (
    SELECT
        *,
        cast(age_us AS DOUBLE) / 86400000000 AS age_days,
        row_number() OVER (PARTITION BY post_key, moment ORDER BY distance, observed_at) AS nearness
    FROM list_candidates
),

spread_ages AS (
    SELECT
        post_key,
        max(CASE WHEN moment = 'd7' THEN observed_at END) AS observed_at_d7,
        max(CASE WHEN moment = 'd7' THEN age_days END) AS age_days_d7,
        max(CASE WHEN moment = 'd7' THEN engagements_core END) AS engagements_core_d7,
        max(CASE WHEN moment = 'd7' THEN views END) AS views_d7,
        max(CASE WHEN moment = 'd7' THEN reach END) AS reach_d7,
        max(CASE WHEN moment = 'd28' THEN observed_at END) AS observed_at_d28,
        max(CASE WHEN moment = 'd28' THEN age_days END) AS age_days_d28,
        max(CASE WHEN moment = 'd28' THEN engagements_core END) AS engagements_core_d28,
        max(CASE WHEN moment = 'd28' THEN views END) AS views_d28,
        max(CASE WHEN moment = 'd28' THEN reach END) AS reach_d28,
        max(CASE WHEN moment = 'settled' THEN observed_at END) AS observed_at_settled,
        max(CASE WHEN moment = 'settled' THEN age_days END) AS age_days_settled,
        max(CASE WHEN moment = 'settled' THEN engagements_core END) AS engagements_core_settled,
        max(CASE WHEN moment = 'settled' THEN views END) AS views_settled,
        max(CASE WHEN moment = 'settled' THEN reach END) AS reach_settled,
        max(CASE WHEN moment = 'latest' THEN observed_at END) AS observed_at_latest,
        max(CASE WHEN moment = 'latest' THEN age_days END) AS age_days_latest,
        max(CASE WHEN moment = 'latest' THEN engagements_core END) AS engagements_core_latest,
        max(CASE WHEN moment = 'latest' THEN engagements_full END) AS engagements_full_latest,
        max(CASE WHEN moment = 'latest' THEN views END) AS views_latest,
        max(CASE WHEN moment = 'latest' THEN reach END) AS reach_latest
    FROM rank_candidates
    WHERE nearness = 1
    GROUP BY post_key
)

SELECT
    posts.post_key,
    posts.account_key,
    posts.creator_key,
    posts.platform,
    posts.kind,
    groups.kind_group,
    weeks.week_start,
    posts.published_at,
    posts.is_branded,
    followers.followers AS followers_at_post,
    followers.followers_flag,
    followers.observed_on AS followers_observed_on,
    tiers.tier,
    ages.observed_at_d7,
    ages.age_days_d7,
    ages.engagements_core_d7,
    ages.views_d7,
    ages.reach_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(ages.reach_d7, 0) AS er_reach_d7,
    cast(ages.engagements_core_d7 AS DOUBLE) / nullif(ages.views_d7, 0) AS er_views_d7,
    CASE
        WHEN ages.age_days_d7 IS NULL THEN 'no_observation_in_window'
        WHEN ages.engagements_core_d7 IS NULL THEN 'engagements_unknown'
    END AS reason_d7,
    ages.observed_at_d28,
    ages.age_days_d28,
    ages.engagements_core_d28,
    ages.views_d28,
    ages.reach_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(ages.reach_d28, 0) AS er_reach_d28,
    cast(ages.engagements_core_d28 AS DOUBLE) / nullif(ages.views_d28, 0) AS er_views_d28,
    CASE
        WHEN ages.age_days_d28 IS NULL THEN 'no_observation_in_window'
        WHEN ages.engagements_core_d28 IS NULL THEN 'engagements_unknown'
    END AS reason_d28,
    ages.observed_at_settled,
    ages.age_days_settled,
    ages.engagements_core_settled,
    ages.views_settled,
    ages.reach_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(followers.followers, 0) AS er_followers_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(ages.reach_settled, 0) AS er_reach_settled,
    cast(ages.engagements_core_settled AS DOUBLE) / nullif(ages.views_settled, 0) AS er_views_settled,
    CASE
        WHEN ages.age_days_settled IS NULL THEN 'not_settled_yet'
        WHEN ages.engagements_core_settled IS NULL THEN 'engagements_unknown'
    END AS reason_settled,
    ages.observed_at_latest,
    ages.age_days_latest,
    ages.engagements_core_latest,
    ages.engagements_full_latest,
    ages.views_latest,
    ages.reach_latest
FROM take_posts AS posts
INNER JOIN name_kind_groups AS groups ON posts.post_key = groups.post_key
INNER JOIN find_followers AS followers
    ON posts.account_key = followers.account_key AND posts.published_on = followers.published_on
LEFT JOIN seeds.tiers AS tiers
    ON
        tiers.scheme = $scheme
        AND followers.followers >= tiers.followers_min
        AND (followers.followers <= tiers.followers_max OR tiers.followers_max IS NULL)
LEFT JOIN find_weeks AS weeks ON posts.post_key = weeks.post_key
LEFT JOIN spread_ages AS ages ON posts.post_key = ages.post_key
