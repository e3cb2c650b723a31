WITH list_owned AS (
    SELECT DISTINCT code
    FROM core.placement_codes
)

SELECT
    orders.shop,
    codes.code,
    count(*) AS orders,
    min(orders.ordered_on) AS first_ordered_on,
    max(orders.ordered_on) AS last_ordered_on
FROM core.order_codes AS codes
INNER JOIN core.orders AS orders ON codes.order_key = orders.order_key
LEFT JOIN list_owned AS owned ON codes.code = owned.code
WHERE owned.code IS NULL
GROUP BY orders.shop, codes.code
