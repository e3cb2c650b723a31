SELECT
    conversions.campaign_key,
    conversions.tier,
    creators.niche,
    placements.niche_fit,
    count(*) AS placements,
    count(DISTINCT conversions.creator_key) AS creators,
    CASE WHEN count(conversions.reach) = count(*) THEN cast(sum(conversions.reach) AS BIGINT) END AS reach,
    CASE
        WHEN count(conversions.engagements_core) = count(*) THEN cast(sum(conversions.engagements_core) AS BIGINT)
    END AS engagements_core,
    cast(sum(conversions.orders_net) AS BIGINT) AS orders_net,
    CASE
        WHEN count(conversions.cost_loaded) = count(*) THEN cast(sum(conversions.cost_loaded) AS DECIMAL(18, 4))
    END AS cost_loaded,
    max(conversions.currency) AS currency,
    max(CASE WHEN conversions.is_closed THEN 1 ELSE 0 END) = 1 AS is_closed
FROM marts.campaign_conversions AS conversions
INNER JOIN core.placements AS placements ON conversions.placement_key = placements.placement_key
LEFT JOIN core.creators AS creators ON conversions.creator_key = creators.creator_key
GROUP BY conversions.campaign_key, conversions.tier, creators.niche, placements.niche_fit
