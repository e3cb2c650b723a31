WITH read_received AS (
    SELECT
        post_key,
        min(observed_at) AS first_observed_at
    FROM stage.post_observations
    GROUP BY post_key
),

read_known AS (
    SELECT
        versions.post_key,
        min(versions.first_observed_at) AS first_observed_at
    FROM core.post_versions AS versions
    INNER JOIN read_received AS received ON versions.post_key = received.post_key
    GROUP BY versions.post_key
)

SELECT
    received.post_key,
    CASE
        WHEN known.first_observed_at < received.first_observed_at THEN known.first_observed_at
        ELSE received.first_observed_at
    END AS first_observed_at
FROM read_received AS received
LEFT JOIN read_known AS known ON received.post_key = known.post_key
