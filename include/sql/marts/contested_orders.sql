WITH find_contested AS (
    SELECT order_key
    FROM core.claims
    WHERE is_in_window
    GROUP BY order_key
    HAVING count(DISTINCT placement_key) > 1
)

SELECT
    claims.order_key,
    claims.placement_key,
    claims.campaign_key,
    claims.method,
    claims.code,
    claims.clicked_at,
    claims.place = 1 AS is_credited,
    claims.credited_placement_key,
    orders.ordered_at,
    orders.total,
    orders.currency
FROM core.claims AS claims
INNER JOIN core.orders AS orders ON claims.order_key = orders.order_key
INNER JOIN find_contested AS contested ON claims.order_key = contested.order_key
WHERE claims.is_in_window
