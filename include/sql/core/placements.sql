WITH rank_lists AS (
    SELECT
        load_key,
        row_number() OVER (ORDER BY observed_at DESC, file_id DESC, load_key DESC) AS recency
    FROM core.listed_placements
)

SELECT
    placements.placement_key,
    placements.campaign_key,
    placements.account_key,
    placements.fee,
    placements.product_cost,
    placements.commission,
    placements.boost_spend,
    placements.hours_spent,
    placements.contracted_posts,
    placements.brief_level,
    placements.niche_fit,
    campaigns.currency,
    placements.has_agent,
    placements.observed_at,
    placements.file_id,
    placements.row_number
FROM core.listed_placements AS placements
INNER JOIN rank_lists AS lists ON placements.load_key = lists.load_key
LEFT JOIN core.campaigns AS campaigns ON placements.campaign_key = campaigns.campaign_key
WHERE lists.recency = 1
