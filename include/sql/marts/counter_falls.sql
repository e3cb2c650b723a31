-- Parameter: $observed_since (nothing was observed of the observed posts before it).
-- A counter falls from one observation to the next: a post with a single row is not looked at. Falls are rare, so posts
-- are looked through for a counter that is below any earlier count before their counters are listed one by one.
WITH find_repeated AS (
    SELECT metrics.post_key
    FROM core.post_metrics AS metrics
    INNER JOIN stage.observed_posts AS observed ON metrics.post_key = observed.post_key
    WHERE
        metrics.is_lifetime
        AND metrics.observed_at >= $observed_since
    GROUP BY metrics.post_key
    HAVING count(*) > 1
),

watch_counters AS (
    SELECT
        metrics.post_key,
        metrics.views,
        metrics.reach,
        metrics.likes,
        metrics.comments,
        metrics.shares,
        metrics.saves,
        max(metrics.views) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_views,
        max(metrics.reach) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_reach,
        max(metrics.likes) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_likes,
        max(metrics.comments) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_comments,
        max(metrics.shares) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_shares,
        max(metrics.saves) OVER (
            PARTITION BY metrics.post_key ORDER BY metrics.observed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS most_saves
    FROM core.post_metrics AS metrics
    INNER JOIN find_repeated AS repeated ON metrics.post_key = repeated.post_key
    WHERE
        metrics.is_lifetime
        AND metrics.observed_at >= $observed_since
),

find_fallen AS (
    SELECT DISTINCT post_key
    FROM watch_counters
    WHERE
        views < most_views
        OR reach < most_reach
        OR likes < most_likes
        OR comments < most_comments
        OR shares < most_shares
        OR saves < most_saves
),

rank_observations AS (
    SELECT
        metrics.*,
        row_number() OVER (
            PARTITION BY metrics.post_key, metrics.observed_at
            ORDER BY metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC
        ) AS place
    FROM core.post_metrics AS metrics
    INNER JOIN find_fallen AS fallen ON metrics.post_key = fallen.post_key
    WHERE
        metrics.is_lifetime
        AND metrics.observed_at >= $observed_since
),

list_counters AS (
    SELECT
        post_key,
        'views' AS counter,
        observed_at,
        views AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND views IS NOT NULL
    UNION ALL
    SELECT
        post_key,
        'reach' AS counter,
        observed_at,
        reach AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND reach IS NOT NULL
    UNION ALL
    SELECT
        post_key,
        'likes' AS counter,
        observed_at,
        likes AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND likes IS NOT NULL
    UNION ALL
    SELECT
        post_key,
        'comments' AS counter,
        observed_at,
        comments AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND comments IS NOT NULL
    UNION ALL
    SELECT
        post_key,
        'shares' AS counter,
        observed_at,
        shares AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND shares IS NOT NULL
    UNION ALL
    SELECT
        post_key,
        'saves' AS counter,
        observed_at,
        saves AS counted,
        file_id,
        row_number
    FROM rank_observations
    WHERE place = 1 AND saves IS NOT NULL
),

compare_observations AS (
    SELECT
        *,
        lag(counted) OVER (PARTITION BY post_key, counter ORDER BY observed_at) AS previous,
        lag(observed_at) OVER (PARTITION BY post_key, counter ORDER BY observed_at) AS previous_observed_at
    FROM list_counters
)

SELECT
    post_key,
    counter,
    observed_at,
    previous_observed_at,
    previous,
    counted,
    cast(previous - counted AS DOUBLE) / nullif(abs(previous), 0) AS share_lost,
    file_id,
    row_number
FROM compare_observations
WHERE counted < previous
