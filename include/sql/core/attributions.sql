SELECT
    claims.order_key,
    claims.placement_key,
    claims.method AS rule,
    claims.code,
    claims.clicked_at,
    claims.attribution_days,
    claims.click_days
FROM core.claims AS claims
INNER JOIN stage.claimed_orders AS claimed ON claims.order_key = claimed.order_key
WHERE claims.place = 1
