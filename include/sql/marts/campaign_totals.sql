WITH add_up_campaigns AS (
    SELECT
        campaigns.campaign_key,
        campaigns.brand,
        campaigns.goal,
        campaigns.starts_on,
        campaigns.ends_on,
        CASE
            WHEN
                count(conversions.clicks) = count(conversions.placement_key)
                THEN cast(sum(conversions.clicks) AS BIGINT)
        END AS clicks,
        cast(coalesce(sum(conversions.orders_gross), 0) AS BIGINT) AS orders_gross,
        cast(coalesce(sum(conversions.orders_contested), 0) AS BIGINT) AS orders_contested,
        cast(coalesce(sum(conversions.orders_duplicate), 0) AS BIGINT) AS orders_duplicate,
        cast(coalesce(sum(conversions.orders_cancelled), 0) AS BIGINT) AS orders_cancelled,
        cast(coalesce(sum(conversions.orders_refunded), 0) AS BIGINT) AS orders_refunded,
        cast(coalesce(sum(conversions.orders_excluded), 0) AS BIGINT) AS orders_excluded,
        cast(coalesce(sum(conversions.orders_net), 0) AS BIGINT) AS orders_net,
        CASE
            WHEN
                count(conversions.revenue_net) = count(conversions.placement_key)
                THEN cast(sum(conversions.revenue_net) AS DECIMAL(18, 4))
        END AS revenue_net,
        campaigns.currency,
        CASE
            WHEN
                count(conversions.cost_fee) = count(conversions.placement_key)
                THEN cast(sum(conversions.cost_fee) AS DECIMAL(18, 4))
        END AS cost_fee,
        CASE
            WHEN
                count(conversions.cost_loaded) = count(conversions.placement_key)
                THEN cast(sum(conversions.cost_loaded) AS DECIMAL(18, 4))
        END AS cost_loaded,
        CASE
            WHEN
                count(conversions.hours_spent) = count(conversions.placement_key)
                THEN cast(sum(conversions.hours_spent) AS DECIMAL(18, 4))
        END AS hours_spent,
        count(conversions.placement_key) AS placements,
        count(DISTINCT conversions.creator_key) AS creators,
        count(*) FILTER (WHERE conversions.placement_key IS NOT NULL AND conversions.cost_fee IS NULL)
            AS placements_fee_unknown,
        count(*) FILTER (WHERE conversions.placement_key IS NOT NULL AND conversions.cost_loaded IS NULL)
            AS placements_cost_unknown,
        cast(coalesce(sum(conversions.posts), 0) AS BIGINT) AS posts,
        CASE
            WHEN
                count(conversions.views) = count(conversions.placement_key)
                THEN cast(sum(conversions.views) AS BIGINT)
        END AS views,
        CASE
            WHEN
                count(conversions.reach) = count(conversions.placement_key)
                THEN cast(sum(conversions.reach) AS BIGINT)
        END AS reach,
        CASE
            WHEN
                count(conversions.impressions) = count(conversions.placement_key)
                THEN cast(sum(conversions.impressions) AS BIGINT)
        END AS impressions,
        CASE
            WHEN
                count(conversions.comments) = count(conversions.placement_key)
                THEN cast(sum(conversions.comments) AS BIGINT)
        END AS comments,
        CASE
            WHEN
                count(conversions.engagements_core) = count(conversions.placement_key)
                THEN cast(sum(conversions.engagements_core) AS BIGINT)
        END AS engagements_core,
        cast(coalesce(sum(conversions.orders_net_link), 0) AS BIGINT) AS orders_net_link,
        cast(coalesce(sum(conversions.orders_net_code), 0) AS BIGINT) AS orders_net_code,
        cast(coalesce(sum(conversions.orders_new_customers), 0) AS BIGINT) AS orders_new_customers,
        cast(coalesce(sum(conversions.orders_unconverted), 0) AS BIGINT) AS orders_unconverted,
        cast(coalesce(sum(conversions.orders_leak_suspect), 0) AS BIGINT) AS orders_leak_suspect,
        CASE
            WHEN
                count(conversions.contracted_posts) = count(conversions.placement_key)
                THEN cast(sum(conversions.contracted_posts) AS BIGINT)
        END AS contracted_posts,
        CASE
            WHEN
                count(conversions.boost_spend) = count(conversions.placement_key)
                THEN cast(sum(conversions.boost_spend) AS DECIMAL(18, 4))
        END AS boost_spend,
        min(conversions.first_post_at) AS first_post_at,
        max(conversions.last_post_at) AS last_post_at,
        clocks.is_closed,
        clocks.share_of_final
    FROM core.campaigns AS campaigns
    INNER JOIN marts.campaign_clocks AS clocks ON campaigns.campaign_key = clocks.campaign_key
    LEFT JOIN marts.campaign_conversions AS conversions ON campaigns.campaign_key = conversions.campaign_key
    GROUP BY
        campaigns.campaign_key,
        campaigns.brand,
        campaigns.goal,
        campaigns.starts_on,
        campaigns.ends_on,
        campaigns.currency,
        clocks.is_closed,
        clocks.share_of_final
)

SELECT
    campaign_key,
    brand,
    goal,
    starts_on,
    ends_on,
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
FROM add_up_campaigns
