-- An account's many posts of a file say one thing: its last row stands for them.
WITH keep_known AS (
    SELECT versions.*
    FROM core.account_versions AS versions
    INNER JOIN stage.observed_accounts AS observed ON versions.account_key = observed.account_key
),

add_received AS (
    SELECT
        account_key,
        creator,
        listed_name,
        exported_name,
        niche,
        country,
        observed_at,
        file_id,
        row_number
    FROM keep_known
    UNION ALL
    SELECT
        account_key,
        nullif(trim(creator), '') AS creator,
        name AS listed_name,
        NULL AS exported_name,
        niche,
        country,
        observed_at,
        file_id,
        row_number
    FROM stage.account_observations
    UNION ALL
    SELECT
        account_key,
        NULL AS creator,
        NULL AS listed_name,
        account_name AS exported_name,
        NULL AS niche,
        NULL AS country,
        observed_at,
        file_id,
        max(row_number) AS row_number
    FROM stage.post_observations
    GROUP BY account_key, account_name, observed_at, file_id
    UNION ALL
    SELECT
        account_key,
        NULL AS creator,
        NULL AS listed_name,
        NULL AS exported_name,
        NULL AS niche,
        NULL AS country,
        observed_at,
        file_id,
        row_number
    FROM stage.follower_observations
),

number_equals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_key, creator, listed_name, exported_name, niche, country
            ORDER BY observed_at DESC, file_id DESC, row_number DESC
        ) AS place
    FROM add_received
)

SELECT
    account_key,
    creator,
    listed_name,
    exported_name,
    niche,
    country,
    observed_at,
    file_id,
    row_number
FROM number_equals
WHERE place = 1
