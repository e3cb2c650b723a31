WITH find_customers AS (
    SELECT DISTINCT
        versions.shop,
        versions.customer_hash
    FROM core.order_versions AS versions
    INNER JOIN stage.observed_orders AS observed ON versions.order_key = observed.order_key
    WHERE versions.customer_hash IS NOT NULL
)

SELECT order_key FROM stage.observed_orders
UNION
SELECT versions.order_key
FROM core.order_versions AS versions
INNER JOIN find_customers AS customers
    ON versions.shop = customers.shop AND versions.customer_hash = customers.customer_hash
