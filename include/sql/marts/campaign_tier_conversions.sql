WITH add_up_tiers AS (
    SELECT
        campaign_key,
        tier,
        CASE WHEN count(clicks) = count(*) THEN cast(sum(clicks) AS BIGINT) END AS clicks,
        cast(sum(orders_gross) AS BIGINT) AS orders_gross,
        cast(sum(orders_contested) AS BIGINT) AS orders_contested,
        cast(sum(orders_duplicate) AS BIGINT) AS orders_duplicate,
        cast(sum(orders_cancelled) AS BIGINT) AS orders_cancelled,
        cast(sum(orders_refunded) AS BIGINT) AS orders_refunded,
        cast(sum(orders_excluded) AS BIGINT) AS orders_excluded,
        cast(sum(orders_net) AS BIGINT) AS orders_net,
        CASE WHEN count(revenue_net) = count(*) THEN cast(sum(revenue_net) AS DECIMAL(18, 4)) END AS revenue_net,
        max(currency) AS currency,
        CASE WHEN count(cost_fee) = count(*) THEN cast(sum(cost_fee) AS DECIMAL(18, 4)) END AS cost_fee,
        CASE WHEN count(cost_loaded) = count(*) THEN cast(sum(cost_loaded) AS DECIMAL(18, 4)) END AS cost_loaded,
        CASE WHEN count(hours_spent) = count(*) THEN cast(sum(hours_spent) AS DECIMAL(18, 4)) END AS hours_spent,
        count(*) AS placements,
        count(DISTINCT creator_key) AS creators,
        count(*) FILTER (WHERE cost_fee IS NULL) AS placements_fee_unknown,
        count(*) FILTER (WHERE cost_loaded IS NULL) AS placements_cost_unknown,
        cast(sum(posts) AS BIGINT) AS posts,
        CASE WHEN count(views) = count(*) THEN cast(sum(views) AS BIGINT) END AS views,
        CASE WHEN count(reach) = count(*) THEN cast(sum(reach) AS BIGINT) END AS reach,
        CASE WHEN count(impressions) = count(*) THEN cast(sum(impressions) AS BIGINT) END
            AS impressions,
        CASE WHEN count(comments) = count(*) THEN cast(sum(comments) AS BIGINT) END
            AS comments,
        CASE
            WHEN count(engagements_core) = count(*) THEN cast(sum(engagements_core) AS BIGINT)
        END AS engagements_core,
        cast(sum(orders_net_link) AS BIGINT) AS orders_net_link,
        cast(sum(orders_net_code) AS BIGINT) AS orders_net_code,
        cast(sum(orders_new_customers) AS BIGINT) AS orders_new_customers,
        cast(sum(orders_unconverted) AS BIGINT) AS orders_unconverted,
        cast(sum(orders_leak_suspect) AS BIGINT) AS orders_leak_suspect,
        CASE WHEN count(contracted_posts) = count(*) THEN cast(sum(contracted_posts) AS BIGINT) END AS contracted_posts,
        CASE WHEN count(boost_spend) = count(*) THEN cast(sum(boost_spend) AS DECIMAL(18, 4)) END AS boost_spend,
        min(first_post_at) AS first_post_at,
        max(last_post_at) AS last_post_at,
        max(CASE WHEN is_closed THEN 1 ELSE 0 END) = 1 AS is_closed,
        max(share_of_final) AS share_of_final
    FROM marts.campaign_conversions
    GROUP BY campaign_key, tier
)

SELECT
    campaign_key,
    tier,
    creators,
    clicks,
    orders_gross,
    orders_contested,
    orders_duplicate,
    orders_cancelled,
    orders_refunded,
    orders_excluded,
    orders_net,
    revenue_net,
    currency,
    cost_fee,
    cost_loaded,
    hours_spent,
    cast(orders_net_link AS DOUBLE) / nullif(cast(clicks AS DOUBLE), 0) AS cvr_click,
    cast(orders_net AS DOUBLE) / nullif(cast(reach AS DOUBLE), 0) AS cvr_reach,
    cast(orders_net AS DOUBLE) / nullif(cast(views AS DOUBLE), 0) AS cvr_views,
    cast(cost_loaded AS DOUBLE) / nullif(cast(engagements_core AS DOUBLE), 0) AS cpe,
    1000 * cast(cost_loaded AS DOUBLE) / nullif(cast(views AS DOUBLE), 0) AS cpm,
    cast(cost_loaded AS DOUBLE) / nullif(cast(orders_net AS DOUBLE), 0) AS cpa,
    CASE WHEN orders_unconverted = 0 THEN cast(revenue_net AS DOUBLE) / nullif(cast(cost_loaded AS DOUBLE), 0) END
        AS roas,
    CASE WHEN orders_unconverted = 0 THEN cast(revenue_net AS DOUBLE) / nullif(cast(orders_net AS DOUBLE), 0) END
        AS aov,
    is_closed,
    share_of_final,
    placements,
    placements_fee_unknown,
    placements_cost_unknown,
    posts,
    views,
    reach,
    impressions,
    comments,
    engagements_core,
    orders_net_link,
    orders_net_code,
    orders_new_customers,
    orders_unconverted,
    orders_leak_suspect,
    contracted_posts,
    boost_spend,
    cast(hours_spent AS DOUBLE) / nullif(cast(creators AS DOUBLE), 0) AS hours_per_creator,
    cast(hours_spent AS DOUBLE) / nullif(cast(contracted_posts AS DOUBLE), 0) AS hours_per_post,
    cast(hours_spent AS DOUBLE) / nullif(cast(orders_net AS DOUBLE), 0) AS hours_per_order,
    cast(cost_fee AS DOUBLE) / nullif(cast(contracted_posts AS DOUBLE), 0) AS fee_per_post,
    first_post_at,
    last_post_at,
    orders_gross
    - orders_contested
    - orders_duplicate
    - orders_cancelled
    - orders_refunded
    - orders_excluded
    - orders_net AS unbalanced
FROM add_up_tiers
