-- A file tells of a post once. Among the new rows a post is therefore told of twice at one instant only where two loads
-- speak of that instant: most often none do, and then no row is compared with another.
WITH list_shared_instants AS (
    SELECT observed_at
    FROM stage.post_observations
    GROUP BY observed_at
    HAVING min(load_key) < max(load_key)
),

list_repeated AS (
    SELECT
        received.post_key,
        received.observed_at
    FROM stage.post_observations AS received
    INNER JOIN list_shared_instants AS shared ON received.observed_at = shared.observed_at
    GROUP BY received.post_key, received.observed_at
    HAVING count(*) > 1
)

SELECT
    post_key,
    observed_at
FROM list_repeated
UNION
SELECT
    metrics.post_key,
    metrics.observed_at
FROM core.post_metrics AS metrics
WHERE
    EXISTS (
        SELECT 1 FROM stage.post_observations AS received
        WHERE received.post_key = metrics.post_key AND received.observed_at = metrics.observed_at
    )
    -- True of these rows anyway: an engine passes over the rest of a long history without comparing keys.
    AND metrics.observed_at >= (SELECT min(bound.observed_at) FROM stage.post_observations AS bound)
    AND metrics.observed_at <= (SELECT max(bound.observed_at) FROM stage.post_observations AS bound)
