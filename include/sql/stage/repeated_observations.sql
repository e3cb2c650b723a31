WITH add_known AS (
    SELECT
        post_key,
        observed_at
    FROM stage.post_observations
    UNION ALL
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
)

SELECT
    post_key,
    observed_at
FROM add_known
GROUP BY post_key, observed_at
HAVING count(*) > 1
