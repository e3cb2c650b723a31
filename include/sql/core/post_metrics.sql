-- The same rows come out whatever the order in which the loads are built.
WITH keep_known AS (
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
    INNER JOIN stage.changed_observations AS changed
        ON metrics.post_key = changed.post_key AND metrics.observed_at = changed.observed_at
),

add_received AS (
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
    FROM keep_known
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
    FROM stage.post_observations
),

number_equals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                post_key, observed_at, views, impressions, reach, likes, comments, shares, saves, follows, is_lifetime
            ORDER BY loaded_at, file_id, row_number, load_key
        ) AS place
    FROM add_received
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
FROM number_equals
WHERE place = 1
