WITH count_orders AS (
    SELECT count(*) AS orders
    FROM core.orders
),

count_credits AS (
    SELECT count(*) AS orders_credited
    FROM core.attributions
),

count_fates AS (
    SELECT
        count(*) FILTER (WHERE fate = 'unattributed') AS orders_unattributed,
        count(*) FILTER (WHERE fate = 'cancelled') AS orders_cancelled,
        count(*) FILTER (WHERE fate = 'refunded') AS orders_refunded,
        count(*) FILTER (WHERE fate = 'excluded') AS orders_excluded,
        count(*) FILTER (WHERE fate = 'net') AS orders_net
    FROM marts.order_fates
),

count_claims AS (
    SELECT
        count(*) FILTER (WHERE fate = 'contested') AS claims_contested,
        count(*) FILTER (WHERE fate = 'duplicate') AS claims_duplicate
    FROM core.claims
),

count_placements AS (
    SELECT
        cast(coalesce(sum(orders_net), 0) AS BIGINT) AS orders_net,
        cast(coalesce(sum(revenue_net), 0) AS DECIMAL(18, 4)) AS revenue_net
    FROM marts.campaign_conversions
),

list_unknown AS (
    SELECT placement_key
    FROM marts.campaign_conversions
    WHERE revenue_net IS NULL
),

add_up_revenue AS (
    SELECT cast(coalesce(sum(revenue.revenue_converted), 0) AS DECIMAL(18, 4)) AS revenue_net
    FROM marts.order_revenue AS revenue
    LEFT JOIN list_unknown AS unknown ON revenue.placement_key = unknown.placement_key
    WHERE unknown.placement_key IS NULL
),

count_tiers AS (
    SELECT cast(coalesce(sum(orders_net), 0) AS BIGINT) AS orders_net
    FROM marts.campaign_tier_conversions
),

count_campaigns AS (
    SELECT cast(coalesce(sum(orders_net), 0) AS BIGINT) AS orders_net
    FROM marts.campaign_totals
)

SELECT
    'all' AS scope,
    orders.orders,
    credits.orders_credited,
    fates.orders_unattributed,
    fates.orders_cancelled,
    fates.orders_refunded,
    fates.orders_excluded,
    fates.orders_net,
    claims.claims_contested,
    claims.claims_duplicate,
    orders.orders - credits.orders_credited - fates.orders_unattributed AS unbalanced_orders,
    credits.orders_credited
    - fates.orders_cancelled
    - fates.orders_refunded
    - fates.orders_excluded
    - fates.orders_net AS unbalanced_credits,
    fates.orders_net - placements.orders_net AS unbalanced_placements,
    placements.orders_net - tiers.orders_net AS unbalanced_tiers,
    placements.orders_net - campaigns.orders_net AS unbalanced_campaigns,
    cast(revenue.revenue_net - placements.revenue_net AS DECIMAL(18, 4)) AS unbalanced_revenue
FROM count_orders AS orders
CROSS JOIN count_credits AS credits
CROSS JOIN count_fates AS fates
CROSS JOIN count_claims AS claims
CROSS JOIN count_placements AS placements
CROSS JOIN add_up_revenue AS revenue
CROSS JOIN count_tiers AS tiers
CROSS JOIN count_campaigns AS campaigns
