-- The claims of a campaign's placements on orders that a waterfall counts, with the export row of each order.
-- Parameter: $campaign_key.
WITH name_files AS (
    SELECT
        file_id,
        min(path) AS path
    FROM ops.export_files
    GROUP BY file_id
)

SELECT
    placements.account_key,
    claims.order_key,
    claims.fate,
    revenue.revenue_net,
    revenue.revenue_converted,
    orders.observed_at,
    files.path,
    orders.row_number,
    orders.file_id
FROM core.claims AS claims
INNER JOIN core.placements AS placements ON claims.placement_key = placements.placement_key
INNER JOIN core.orders AS orders ON claims.order_key = orders.order_key
LEFT JOIN marts.order_revenue AS revenue ON claims.order_key = revenue.order_key
LEFT JOIN name_files AS files ON orders.file_id = files.file_id
WHERE claims.campaign_key = $campaign_key AND claims.is_in_window
ORDER BY claims.order_key, claims.placement_key, claims.method
