-- The same rows come out whatever the order in which the loads are built. Rows can be equal only where a post is told
-- of twice at one instant: these alone are compared, all others are new.
WITH add_rivals AS (
    SELECT
        metrics.post_key,
        metrics.observed_at,
        metrics.loaded_at,
        metrics.views,
        metrics.impressions,
        metrics.reach,
        metrics.likes,
        metrics.comments,
        metrics.shares,
        metrics.saves,
        metrics.follows,
        metrics.is_lifetime,
        metrics.file_id,
        metrics.row_number,
        metrics.load_key
    FROM core.post_metrics AS metrics
    INNER JOIN stage.repeated_observations AS repeated
        ON metrics.post_key = repeated.post_key AND metrics.observed_at = repeated.observed_at
    UNION ALL
    SELECT
        received.post_key,
        received.observed_at,
        received.loaded_at,
        received.views,
        received.impressions,
        received.reach,
        received.likes,
        received.comments,
        received.shares,
        received.saves,
        received.follows,
        received.is_lifetime,
        received.file_id,
        received.row_number,
        received.load_key
    FROM stage.post_observations AS received
    INNER JOIN stage.repeated_observations AS repeated
        ON received.post_key = repeated.post_key AND received.observed_at = repeated.observed_at
),

number_equals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                post_key, observed_at, views, impressions, reach, likes, comments, shares, saves, follows, is_lifetime
            ORDER BY loaded_at, file_id, row_number, load_key
        ) AS place
    FROM add_rivals
),

take_different AS (
    SELECT
        received.post_key,
        received.observed_at,
        received.loaded_at,
        received.views,
        received.impressions,
        received.reach,
        received.likes,
        received.comments,
        received.shares,
        received.saves,
        received.follows,
        received.is_lifetime,
        received.file_id,
        received.row_number,
        received.load_key
    FROM stage.post_observations AS received
    LEFT JOIN stage.repeated_observations AS repeated
        ON received.post_key = repeated.post_key AND received.observed_at = repeated.observed_at
    WHERE repeated.post_key IS NULL
    UNION ALL
    SELECT
        post_key,
        observed_at,
        loaded_at,
        views,
        impressions,
        reach,
        likes,
        comments,
        shares,
        saves,
        follows,
        is_lifetime,
        file_id,
        row_number,
        load_key
    FROM number_equals
    WHERE place = 1
)

SELECT
    post_key,
    observed_at,
    loaded_at,
    views,
    impressions,
    reach,
    likes,
    comments,
    shares,
    saves,
    follows,
    is_lifetime,
    file_id,
    row_number,
    CASE WHEN views IS NULL THEN 0 ELSE 1 END
    + CASE WHEN impressions IS NULL THEN 0 ELSE 1 END
    + CASE WHEN reach IS NULL THEN 0 ELSE 1 END
    + CASE WHEN likes IS NULL THEN 0 ELSE 1 END
    + CASE WHEN comments IS NULL THEN 0 ELSE 1 END
    + CASE WHEN shares IS NULL THEN 0 ELSE 1 END
    + CASE WHEN saves IS NULL THEN 0 ELSE 1 END
    + CASE WHEN follows IS NULL THEN 0 ELSE 1 END AS known_values,
    load_key
FROM take_different
