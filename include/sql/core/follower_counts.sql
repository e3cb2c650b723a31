WITH rank_observations AS (
    SELECT
        observations.*,
        row_number() OVER (
            PARTITION BY observations.account_key, observations.observed_on
            ORDER BY observations.observed_at DESC, observations.file_id DESC
        ) AS place
    FROM core.follower_observations AS observations
    INNER JOIN stage.observed_follower_days AS observed
        ON observations.account_key = observed.account_key AND observations.observed_on = observed.observed_on
)

SELECT
    account_key,
    observed_on,
    followers,
    file_id,
    observed_at,
    row_number
FROM rank_observations
WHERE place = 1
