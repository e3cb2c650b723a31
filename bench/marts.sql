-- The organic tables as one script for DuckDB, written by hand: what `make bench` measures the build of the marts by.
-- Everything at once, for DuckDB alone, over `lake.*` views of the lake's Parquet files and `seeds.*` of the seed files.
-- Nothing is checked, nothing is told of what changed, no version of a post is kept.

CREATE SCHEMA core;
CREATE SCHEMA marts;

CREATE TABLE core.post_metrics AS
SELECT
    post_key, observed_at, loaded_at, views, impressions, reach, likes, comments, shares, saves, follows, is_lifetime,
    file_id, row_number,
    (views IS NOT NULL)::INT + (impressions IS NOT NULL)::INT + (reach IS NOT NULL)::INT + (likes IS NOT NULL)::INT
    + (comments IS NOT NULL)::INT + (shares IS NOT NULL)::INT + (saves IS NOT NULL)::INT + (follows IS NOT NULL)::INT
        AS known_values,
    load_key
FROM lake.post_observations
QUALIFY row_number() OVER (
    PARTITION BY post_key, observed_at, views, impressions, reach, likes, comments, shares, saves, follows, is_lifetime
    ORDER BY loaded_at, file_id, row_number, load_key
) = 1;

-- Of each attribute the newest that is known.
CREATE TABLE core.posts AS
WITH latest AS (
    SELECT
        post_key,
        arg_max(platform, (observed_at, file_id, row_number)) AS platform,
        arg_max(account_key, (observed_at, file_id, row_number)) AS account_key,
        arg_max(kind, (observed_at, file_id, row_number)) AS exported_kind,
        arg_max(published_at, (observed_at, file_id, row_number)) AS published_at,
        arg_max(caption, (observed_at, file_id, row_number)) AS caption,
        arg_max(permalink, (observed_at, file_id, row_number)) AS permalink,
        arg_max(duration_seconds, (observed_at, file_id, row_number)) AS duration_seconds,
        arg_max(has_branded_label, (observed_at, file_id, row_number)) AS has_label,
        arg_max(has_disclosure, (observed_at, file_id, row_number)) FILTER (caption IS NOT NULL) AS has_disclosure
    FROM lake.post_observations
    GROUP BY post_key
)

SELECT
    post_key, platform, account_key,
    CASE
        WHEN platform <> 'youtube' OR exported_kind NOT IN ('video', 'short') OR duration_seconds IS NULL
            THEN exported_kind
        WHEN duration_seconds <= 60 THEN 'short'
        WHEN duration_seconds <= 180 AND published_at >= TIMESTAMP '2024-10-15 00:00:00' THEN 'short'
        ELSE 'video'
    END AS kind,
    published_at, caption, permalink, duration_seconds,
    coalesce(has_label, false) OR coalesce(has_disclosure, false) AS is_branded,
    nullif(concat_ws('+', CASE WHEN has_label THEN 'label' END, CASE WHEN has_disclosure THEN 'disclosure' END), '')
        AS branded_evidence
FROM latest;

CREATE TABLE core.accounts AS
WITH named AS (
    SELECT account_key, account_name AS name, observed_at, file_id, row_number FROM lake.post_observations
    UNION ALL
    SELECT account_key, NULL, observed_at, file_id, row_number FROM lake.follower_observations
)

SELECT
    account_key,
    split_part(account_key, ':', 1) AS platform,
    substr(account_key, strpos(account_key, ':') + 1) AS handle,
    account_key AS creator_key,
    arg_max(name, (observed_at, file_id, row_number)) AS name
FROM named
GROUP BY account_key;

CREATE TABLE core.follower_counts AS
SELECT account_key, observed_on, followers, file_id, observed_at, row_number
FROM lake.follower_observations
QUALIFY row_number() OVER (
    PARTITION BY account_key, observed_on ORDER BY observed_at DESC, file_id DESC, row_number
) = 1;

CREATE TABLE marts.post_engagement AS
WITH posts AS (
    SELECT posts.*, accounts.creator_key, posts.published_at::DATE AS published_on, ages.settling_days
    FROM core.posts
    INNER JOIN core.accounts USING (account_key)
    LEFT JOIN seeds.settling_ages AS ages ON posts.platform = ages.platform
    WHERE published_at IS NOT NULL
),

account_days AS (SELECT DISTINCT account_key, published_on FROM posts),

both_ways AS (
    SELECT
        days.account_key, days.published_on,
        before.observed_on AS last_on, before.followers AS last_followers, days.published_on - before.observed_on AS since,
        after.observed_on AS next_on, after.followers AS next_followers, after.observed_on - days.published_on AS until
    FROM account_days AS days
    ASOF LEFT JOIN core.follower_counts AS before
        ON days.account_key = before.account_key AND days.published_on >= before.observed_on
    ASOF LEFT JOIN core.follower_counts AS after
        ON days.account_key = after.account_key AND days.published_on <= after.observed_on
),

followers AS (
    SELECT
        account_key, published_on,
        CASE
            WHEN since <= 14 THEN {n: last_followers, day: last_on, flag: NULL}
            WHEN since <= 90 AND (until IS NULL OR since <= until)
                THEN {n: last_followers, day: last_on, flag: 'nearest'}
            WHEN until <= 90 THEN {n: next_followers, day: next_on, flag: 'nearest'}
            ELSE {n: NULL, day: NULL, flag: 'missing'}
        END AS counted
    FROM both_ways
),

observations AS (
    SELECT
        metrics.post_key, posts.settling_days, metrics.observed_at,
        epoch_us(metrics.observed_at) - epoch_us(posts.published_at) AS age_us,
        {
            seen_at: metrics.observed_at,
            days: (epoch_us(metrics.observed_at) - epoch_us(posts.published_at))::DOUBLE / 86400000000,
            core: likes + comments,
            whole: likes + comments + shares + CASE WHEN posts.platform = 'instagram' THEN saves ELSE 0 END,
            views: views,
            reach: reach
        } AS counts
    FROM core.post_metrics AS metrics
    INNER JOIN posts ON metrics.post_key = posts.post_key
    WHERE metrics.is_lifetime
    QUALIFY row_number() OVER (
        PARTITION BY metrics.post_key, metrics.observed_at
        ORDER BY metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC, metrics.load_key
    ) = 1
),

ages AS (
    SELECT
        post_key,
        arg_min(counts, (abs(age_us - 7 * 86400000000), observed_at))
            FILTER (age_us BETWEEN 6 * 86400000000 AND 9 * 86400000000) AS d7,
        arg_min(counts, (abs(age_us - 28 * 86400000000), observed_at))
            FILTER (age_us BETWEEN 26 * 86400000000 AND 32 * 86400000000) AS d28,
        arg_min(counts, observed_at) FILTER (age_us >= settling_days * 86400000000) AS settled,
        arg_max(counts, observed_at) AS latest
    FROM observations
    GROUP BY post_key
)

SELECT
    posts.post_key, posts.account_key, posts.creator_key, posts.platform, posts.kind,
    CASE
        WHEN posts.platform IN ('instagram', 'facebook') AND posts.kind IN ('image', 'carousel', 'reel', 'video')
            THEN 'feed'
        WHEN posts.platform = 'youtube' AND posts.kind IN ('video', 'short') THEN posts.kind
        WHEN posts.platform = 'tiktok' AND posts.kind = 'video' THEN 'video'
    END AS kind_group,
    date_trunc('week', posts.published_at)::DATE AS week_start,
    posts.published_at, posts.is_branded,
    counted.n AS followers_at_post, counted.flag AS followers_flag, counted.day AS followers_observed_on, tiers.tier,
    d7.seen_at AS observed_at_d7, d7.days AS age_days_d7, d7.core AS engagements_core_d7, d7.views AS views_d7,
    d7.reach AS reach_d7, d7.core / nullif(counted.n, 0) AS er_followers_d7, d7.core / nullif(d7.reach, 0) AS er_reach_d7,
    d7.core / nullif(d7.views, 0) AS er_views_d7,
    CASE WHEN d7 IS NULL THEN 'no_observation_in_window' WHEN d7.core IS NULL THEN 'engagements_unknown' END AS reason_d7,
    d28.seen_at AS observed_at_d28, d28.days AS age_days_d28, d28.core AS engagements_core_d28, d28.views AS views_d28,
    d28.reach AS reach_d28, d28.core / nullif(counted.n, 0) AS er_followers_d28,
    d28.core / nullif(d28.reach, 0) AS er_reach_d28, d28.core / nullif(d28.views, 0) AS er_views_d28,
    CASE WHEN d28 IS NULL THEN 'no_observation_in_window' WHEN d28.core IS NULL THEN 'engagements_unknown' END
        AS reason_d28,
    settled.seen_at AS observed_at_settled, settled.days AS age_days_settled, settled.core AS engagements_core_settled,
    settled.views AS views_settled, settled.reach AS reach_settled,
    settled.core / nullif(counted.n, 0) AS er_followers_settled,
    settled.core / nullif(settled.reach, 0) AS er_reach_settled,
    settled.core / nullif(settled.views, 0) AS er_views_settled,
    CASE WHEN settled IS NULL THEN 'not_settled_yet' WHEN settled.core IS NULL THEN 'engagements_unknown' END
        AS reason_settled,
    latest.seen_at AS observed_at_latest, latest.days AS age_days_latest, latest.core AS engagements_core_latest,
    latest.whole AS engagements_full_latest, latest.views AS views_latest, latest.reach AS reach_latest
FROM posts
LEFT JOIN followers ON posts.account_key = followers.account_key AND posts.published_on = followers.published_on
LEFT JOIN ages ON posts.post_key = ages.post_key
LEFT JOIN seeds.tiers AS tiers
    ON tiers.scheme = 'article' AND counted.n BETWEEN tiers.followers_min AND coalesce(tiers.followers_max, counted.n);

CREATE TABLE marts.creator_engagement AS
SELECT
    week_start, account_key, any_value(creator_key) AS creator_key, any_value(platform) AS platform, kind,
    arg_max({tier: tier}, (published_at, post_key)).tier AS tier,
    arg_max({n: followers_at_post}, (published_at, post_key)).n AS followers_at_post,
    count(*) AS posts,
    count(*) FILTER (is_branded) AS branded_posts,
    sum(engagements_core_latest)::BIGINT AS engagements_core,
    sum(engagements_full_latest)::BIGINT AS engagements_full,
    sum(views_latest)::BIGINT AS views,
    sum(reach_latest)::BIGINT AS reach,
    avg(er_followers_d7) AS er_followers_d7,
    avg(er_reach_d7) AS er_reach_d7,
    avg(er_views_d7) AS er_views_d7,
    avg(er_views_d28) AS er_views_d28,
    avg(er_followers_settled) AS er_followers_settled,
    avg(er_reach_settled) AS er_reach_settled,
    avg(er_views_settled) AS er_views_settled,
    count(age_days_settled) = count(*) AS is_final,
    count(age_days_settled) AS settled_posts
FROM marts.post_engagement
GROUP BY week_start, account_key, kind;

CREATE TABLE marts.branded_engagement AS
WITH compared AS (
    SELECT
        creator_key, platform, kind_group,
        arg_max({tier: tier}, (published_at, post_key)).tier AS tier,
        count(*) AS posts,
        count(*) FILTER (is_branded) AS branded_posts,
        count(er_followers_settled) FILTER (is_branded) AS branded_settled_posts,
        count(er_followers_settled) FILTER (NOT is_branded) AS own_settled_posts,
        avg(er_followers_settled) FILTER (is_branded) AS er_followers_branded,
        avg(er_followers_settled) FILTER (NOT is_branded) AS er_followers_own,
        avg(er_views_settled) FILTER (is_branded) AS er_views_branded,
        avg(er_views_settled) FILTER (NOT is_branded) AS er_views_own
    FROM marts.post_engagement
    WHERE kind_group IS NOT NULL
    GROUP BY creator_key, platform, kind_group
)

SELECT
    creator_key, platform, kind_group, tier, posts, branded_posts, branded_posts / posts AS branded_share,
    branded_settled_posts, own_settled_posts, er_followers_branded, er_followers_own, er_views_branded, er_views_own,
    er_followers_branded / nullif(er_followers_own, 0) AS er_followers_ratio,
    er_views_branded / nullif(er_views_own, 0) AS er_views_ratio
FROM compared;

CREATE TABLE marts.counter_falls AS
WITH counters AS (
    UNPIVOT (
        SELECT post_key, observed_at, file_id, row_number, views, reach, likes, comments, shares, saves
        FROM core.post_metrics
        WHERE is_lifetime
        QUALIFY row_number() OVER (
            PARTITION BY post_key, observed_at ORDER BY known_values DESC, file_id DESC, row_number DESC
        ) = 1
    )
    ON views, reach, likes, comments, shares, saves INTO NAME counter VALUE counted
)

SELECT
    post_key, counter, observed_at,
    lag(observed_at) OVER series AS previous_observed_at,
    lag(counted) OVER series AS previous,
    counted,
    (lag(counted) OVER series - counted)::DOUBLE / nullif(abs(lag(counted) OVER series), 0) AS share_lost,
    file_id, row_number
FROM counters
WINDOW series AS (PARTITION BY post_key, counter ORDER BY observed_at)
QUALIFY counted < previous;

CREATE TABLE marts.follower_jumps AS
SELECT
    account_key, observed_on,
    lag(observed_on) OVER days AS previous_observed_on,
    lag(followers) OVER days AS previous,
    followers,
    (followers - lag(followers) OVER days)::DOUBLE / nullif(lag(followers) OVER days, 0)
    / (observed_on - lag(observed_on) OVER days) AS change_per_day,
    file_id, row_number
FROM core.follower_counts
WINDOW days AS (PARTITION BY account_key ORDER BY observed_on)
QUALIFY abs(change_per_day) > 0.5;
