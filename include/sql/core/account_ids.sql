WITH keep_known AS (
    SELECT
        ids.account_id,
        ids.account_key,
        ids.first_observed_at,
        ids.last_observed_at
    FROM core.account_ids AS ids
    INNER JOIN stage.observed_accounts AS observed ON ids.account_key = observed.account_key
),

add_received AS (
    SELECT
        account_id,
        account_key,
        first_observed_at,
        last_observed_at
    FROM keep_known
    UNION ALL
    SELECT
        account_id,
        account_key,
        observed_at AS first_observed_at,
        observed_at AS last_observed_at
    FROM stage.post_observations
    WHERE account_id IS NOT NULL AND account_id NOT LIKE '%E+%'
)

SELECT
    account_id,
    account_key,
    split_part(account_key, ':', 1) AS platform,
    min(first_observed_at) AS first_observed_at,
    max(last_observed_at) AS last_observed_at
FROM add_received
GROUP BY account_id, account_key
