-- A campaign's placements with their costs and the row of the list that says so. Parameter: $campaign_key.
WITH name_files AS (
    SELECT
        file_id,
        observed_at,
        min(path) AS path
    FROM ops.export_files
    GROUP BY file_id, observed_at
)

SELECT
    placements.account_key,
    conversions.tier,
    conversions.creator_key,
    placements.fee AS cost_fee,
    conversions.cost_loaded,
    placements.hours_spent,
    placements.observed_at,
    files.path,
    placements.row_number,
    placements.file_id,
    conversions.orders_gross,
    conversions.orders_contested,
    conversions.orders_duplicate,
    conversions.orders_cancelled,
    conversions.orders_refunded,
    conversions.orders_excluded,
    conversions.orders_net,
    conversions.revenue_net
FROM core.placements AS placements
INNER JOIN marts.campaign_conversions AS conversions ON placements.placement_key = conversions.placement_key
LEFT JOIN name_files AS files
    ON placements.file_id = files.file_id AND placements.observed_at = files.observed_at
WHERE placements.campaign_key = $campaign_key
ORDER BY placements.account_key
