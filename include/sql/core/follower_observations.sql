WITH keep_known AS (
    SELECT observations.*
    FROM core.follower_observations AS observations
    INNER JOIN stage.observed_follower_days AS observed
        ON observations.account_key = observed.account_key AND observations.observed_on = observed.observed_on
),

add_received AS (
    SELECT
        account_key,
        observed_on,
        observed_at,
        followers,
        file_id,
        row_number
    FROM keep_known
    UNION ALL
    SELECT
        account_key,
        observed_on,
        observed_at,
        followers,
        file_id,
        row_number
    FROM stage.follower_observations
),

number_repeats AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_key, observed_on, observed_at, file_id
            ORDER BY row_number
        ) AS place
    FROM add_received
)

SELECT
    account_key,
    observed_on,
    observed_at,
    followers,
    file_id,
    row_number
FROM number_repeats
WHERE place = 1
