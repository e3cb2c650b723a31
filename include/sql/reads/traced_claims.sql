-- The claims of a campaign's placements on orders that a waterfall counts, with the export row of each order.
-- Parameter: $campaign_key.
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
INNER JOIN core.order_versions AS versions ON orders.order_key = versions.order_key AND versions.is_latest
LEFT JOIN marts.order_revenue AS revenue ON claims.order_key = revenue.order_key
LEFT JOIN ops.export_files AS files ON versions.load_key = files.load_key
WHERE claims.campaign_key = $campaign_key AND claims.is_in_window
ORDER BY claims.order_key, claims.placement_key, claims.method
