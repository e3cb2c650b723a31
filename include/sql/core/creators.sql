WITH rank_versions AS (
    SELECT
        accounts.creator_key,
        versions.creator,
        versions.listed_name,
        versions.exported_name,
        versions.niche,
        versions.country,
        row_number() OVER (
            PARTITION BY accounts.creator_key
            ORDER BY
                versions.observed_at DESC, versions.file_id DESC, versions.row_number DESC,
                versions.account_key ASC, versions.creator ASC, versions.listed_name ASC, versions.exported_name ASC
        ) AS recency
    FROM core.accounts AS accounts
    INNER JOIN stage.changed_creators AS changed ON accounts.creator_key = changed.creator_key
    INNER JOIN core.account_versions AS versions ON accounts.account_key = versions.account_key
),

find_latest_known AS (
    SELECT
        creator_key,
        min(CASE WHEN listed_name IS NOT NULL THEN recency END) AS listed_name_recency,
        min(CASE WHEN exported_name IS NOT NULL THEN recency END) AS exported_name_recency,
        min(CASE WHEN niche IS NOT NULL THEN recency END) AS niche_recency,
        min(CASE WHEN country IS NOT NULL THEN recency END) AS country_recency
    FROM rank_versions
    GROUP BY creator_key
),

take_latest_known AS (
    SELECT
        versions.creator_key,
        max(CASE WHEN versions.creator = versions.creator_key THEN versions.creator END) AS creator,
        max(CASE WHEN versions.recency = latest.listed_name_recency THEN versions.listed_name END) AS listed_name,
        max(CASE WHEN versions.recency = latest.exported_name_recency THEN versions.exported_name END)
            AS exported_name,
        max(CASE WHEN versions.recency = latest.niche_recency THEN versions.niche END) AS niche,
        max(CASE WHEN versions.recency = latest.country_recency THEN versions.country END) AS country
    FROM rank_versions AS versions
    INNER JOIN find_latest_known AS latest ON versions.creator_key = latest.creator_key
    GROUP BY versions.creator_key
)

SELECT
    creator_key,
    coalesce(listed_name, creator, exported_name) AS name,
    niche,
    country
FROM take_latest_known
