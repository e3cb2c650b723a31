-- Parameters: $attribution_days, $refund_days.
WITH find_newest AS (
    SELECT max(observed_at) AS judged_at
    FROM ops.export_files
    WHERE status IN ('loaded', 'partial')
),

find_posts AS (
    SELECT
        placements.campaign_key,
        min(posts.published_at) AS first_post_at,
        max(posts.published_at) AS last_post_at
    FROM marts.placement_posts AS posts
    INNER JOIN core.placements AS placements ON posts.placement_key = placements.placement_key
    GROUP BY placements.campaign_key
),

find_orders AS (
    SELECT
        campaign_key,
        max(ordered_on) AS last_order_on
    FROM marts.order_fates
    WHERE campaign_key IS NOT NULL
    GROUP BY campaign_key
),

set_clocks AS (
    SELECT
        campaigns.campaign_key,
        campaigns.starts_on,
        newest.judged_at,
        cast(newest.judged_at AS DATE) AS judged_on,
        posts.first_post_at,
        posts.last_post_at,
        orders.last_order_on,
        coalesce(cast(posts.last_post_at AS DATE), campaigns.ends_on) AS last_on
    FROM core.campaigns AS campaigns
    CROSS JOIN find_newest AS newest
    LEFT JOIN find_posts AS posts ON campaigns.campaign_key = posts.campaign_key
    LEFT JOIN find_orders AS orders ON campaigns.campaign_key = orders.campaign_key
),

read_clocks AS (
    SELECT
        *,
        $attribution_days - date_diff('day', last_on, judged_on) AS days_to_orders,
        $refund_days - date_diff('day', last_order_on, judged_on) AS days_to_refunds,
        coalesce(date_diff('day', last_on, judged_on) >= $attribution_days, FALSE)
        AND coalesce(date_diff('day', last_order_on, judged_on) >= $refund_days, last_order_on IS NULL) AS is_closed,
        date_diff('day', starts_on, judged_on) AS age_days
    FROM set_clocks
),

age_final_orders AS (
    SELECT
        date_diff('day', clocks.starts_on, fates.ordered_on) AS age_days,
        count(*) AS orders
    FROM read_clocks AS clocks
    INNER JOIN marts.order_fates AS fates ON clocks.campaign_key = fates.campaign_key
    WHERE clocks.is_closed AND fates.fate = 'net'
    GROUP BY date_diff('day', clocks.starts_on, fates.ordered_on)
),

share_ages AS (
    SELECT
        clocks.campaign_key,
        cast(sum(CASE WHEN finals.age_days <= clocks.age_days THEN finals.orders ELSE 0 END) AS DOUBLE)
        / nullif(cast(sum(finals.orders) AS DOUBLE), 0) AS share_of_final
    FROM read_clocks AS clocks
    CROSS JOIN age_final_orders AS finals
    WHERE NOT clocks.is_closed
    GROUP BY clocks.campaign_key
)

SELECT
    clocks.campaign_key,
    clocks.judged_at,
    clocks.first_post_at,
    clocks.last_post_at,
    clocks.last_order_on,
    CASE
        WHEN clocks.days_to_orders < 0 THEN 0
        ELSE clocks.days_to_orders
    END AS days_to_orders,
    CASE
        WHEN clocks.days_to_refunds < 0 THEN 0
        ELSE clocks.days_to_refunds
    END AS days_to_refunds,
    clocks.is_closed,
    CASE WHEN clocks.is_closed THEN cast(1 AS DOUBLE) ELSE shares.share_of_final END AS share_of_final
FROM read_clocks AS clocks
LEFT JOIN share_ages AS shares ON clocks.campaign_key = shares.campaign_key
