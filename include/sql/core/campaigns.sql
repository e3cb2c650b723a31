WITH rank_lists AS (
    SELECT
        load_key,
        row_number() OVER (ORDER BY observed_at DESC, file_id DESC, load_key DESC) AS recency
    FROM core.listed_campaigns
)

SELECT
    campaigns.campaign_key,
    campaigns.brand,
    campaigns.name,
    campaigns.goal,
    campaigns.niche,
    campaigns.starts_on,
    campaigns.ends_on,
    campaigns.currency,
    campaigns.hourly_rate,
    campaigns.shop,
    campaigns.observed_at,
    campaigns.file_id,
    campaigns.row_number
FROM core.listed_campaigns AS campaigns
INNER JOIN rank_lists AS lists ON campaigns.load_key = lists.load_key
WHERE lists.recency = 1
