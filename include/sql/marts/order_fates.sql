WITH count_claims AS (
    SELECT
        claims.order_key,
        count(*) AS claims,
        count(DISTINCT claims.placement_key) AS placements
    FROM core.claims AS claims
    INNER JOIN stage.claimed_orders AS claimed ON claims.order_key = claimed.order_key
    WHERE claims.is_in_window
    GROUP BY claims.order_key
),

take_credits AS (
    SELECT claims.*
    FROM core.claims AS claims
    INNER JOIN stage.claimed_orders AS claimed ON claims.order_key = claimed.order_key
    WHERE claims.place = 1
)

SELECT
    orders.order_key,
    orders.shop,
    orders.ordered_at,
    orders.ordered_on,
    credits.placement_key,
    credits.campaign_key,
    placements.account_key,
    credits.method AS rule,
    credits.code,
    coalesce(credits.fate, 'unattributed') AS fate,
    coalesce(counts.claims, 0) AS claims,
    coalesce(counts.placements, 0) > 1 AS is_contested,
    orders.is_new_customer,
    cast(
        CASE
            WHEN credits.fate <> 'net' OR credits.fate IS NULL THEN NULL
            WHEN orders.subtotal < orders.refunded THEN 0
            ELSE orders.subtotal - orders.refunded
        END AS DECIMAL(18, 4)
    ) AS revenue_net,
    orders.currency
FROM core.orders AS orders
INNER JOIN stage.claimed_orders AS claimed ON orders.order_key = claimed.order_key
LEFT JOIN take_credits AS credits ON orders.order_key = credits.order_key
LEFT JOIN core.placements AS placements ON credits.placement_key = placements.placement_key
LEFT JOIN count_claims AS counts ON orders.order_key = counts.order_key
