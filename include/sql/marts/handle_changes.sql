WITH find_previous AS (
    SELECT
        platform,
        account_id,
        account_key,
        first_observed_at,
        last_observed_at,
        lag(account_key) OVER (
            PARTITION BY platform, account_id ORDER BY first_observed_at, last_observed_at, account_key
        ) AS previous_account_key,
        lag(last_observed_at) OVER (
            PARTITION BY platform, account_id ORDER BY first_observed_at, last_observed_at, account_key
        ) AS previous_last_observed_at
    FROM core.account_ids
)

SELECT
    account_id,
    account_key,
    previous_account_key,
    platform,
    previous_last_observed_at,
    first_observed_at
FROM find_previous
WHERE previous_account_key IS NOT NULL
