WITH rank_versions AS (
    SELECT
        versions.*,
        row_number() OVER (
            PARTITION BY versions.account_key
            ORDER BY
                versions.observed_at DESC, versions.file_id DESC, versions.row_number DESC,
                versions.creator ASC, versions.listed_name ASC, versions.exported_name ASC
        ) AS recency
    FROM core.account_versions AS versions
    INNER JOIN stage.observed_accounts AS observed ON versions.account_key = observed.account_key
),

find_latest_known AS (
    SELECT
        account_key,
        min(CASE WHEN creator IS NOT NULL THEN recency END) AS creator_recency,
        min(CASE WHEN listed_name IS NOT NULL THEN recency END) AS listed_name_recency,
        min(CASE WHEN exported_name IS NOT NULL THEN recency END) AS exported_name_recency
    FROM rank_versions
    GROUP BY account_key
),

take_latest_known AS (
    SELECT
        versions.account_key,
        max(CASE WHEN versions.recency = latest.creator_recency THEN versions.creator END) AS creator,
        max(CASE WHEN versions.recency = latest.listed_name_recency THEN versions.listed_name END) AS listed_name,
        max(CASE WHEN versions.recency = latest.exported_name_recency THEN versions.exported_name END)
            AS exported_name
    FROM rank_versions AS versions
    INNER JOIN find_latest_known AS latest ON versions.account_key = latest.account_key
    GROUP BY versions.account_key
)

SELECT
    account_key,
    split_part(account_key, ':', 1) AS platform,
    substr(account_key, strpos(account_key, ':') + 1) AS handle,
    coalesce(creator, account_key) AS creator_key,
    coalesce(listed_name, exported_name) AS name
FROM take_latest_known
