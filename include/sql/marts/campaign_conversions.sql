-- Parameters: $scheme (the tier scheme), $attribution_days.
WITH take_placements AS (
    SELECT
        placements.*,
        coalesce(accounts.creator_key, placements.account_key) AS creator_key,
        split_part(placements.account_key, ':', 1) AS platform,
        campaigns.starts_on,
        campaigns.ends_on,
        placements.fee
        + placements.product_cost
        + placements.commission
        + placements.boost_spend
        + CASE
            WHEN placements.hours_spent = 0 THEN 0
            ELSE cast(placements.hours_spent * campaigns.hourly_rate AS DECIMAL(18, 4))
        END AS cost_loaded
    FROM core.placements AS placements
    INNER JOIN core.campaigns AS campaigns ON placements.campaign_key = campaigns.campaign_key
    LEFT JOIN core.accounts AS accounts ON placements.account_key = accounts.account_key
),

count_claims AS (
    SELECT
        placement_key,
        count(*) AS orders_gross,
        count(*) FILTER (WHERE fate = 'contested') AS orders_contested,
        count(*) FILTER (WHERE fate = 'duplicate') AS orders_duplicate,
        count(*) FILTER (WHERE fate = 'cancelled') AS orders_cancelled,
        count(*) FILTER (WHERE fate = 'refunded') AS orders_refunded,
        count(*) FILTER (WHERE fate = 'excluded') AS orders_excluded
    FROM core.claims
    WHERE is_in_window
    GROUP BY placement_key
),

-- Net orders and what they brought come from the orders, not from the claims: the two must agree.
count_orders AS (
    SELECT
        fates.placement_key,
        count(*) AS orders_net,
        count(*) FILTER (WHERE fates.rule = 'link') AS orders_net_link,
        count(*) FILTER (WHERE fates.rule = 'code') AS orders_net_code,
        count(*) FILTER (WHERE fates.is_new_customer) AS orders_new_customers,
        count(*) FILTER (WHERE fates.revenue_net IS NULL) AS orders_unknown,
        count(*) FILTER (WHERE fates.revenue_net IS NOT NULL AND revenue.revenue_converted IS NULL)
            AS orders_unconverted,
        count(suspects.day) AS orders_leak_suspect,
        cast(sum(revenue.revenue_converted) AS DECIMAL(18, 4)) AS revenue_net
    FROM marts.order_fates AS fates
    LEFT JOIN marts.order_revenue AS revenue ON fates.order_key = revenue.order_key
    LEFT JOIN marts.leak_suspects AS suspects
        ON
            fates.placement_key = suspects.placement_key
            AND fates.code = suspects.code
            AND fates.ordered_on = suspects.day
    WHERE fates.fate = 'net'
    GROUP BY fates.placement_key
),

add_up_posts AS (
    SELECT
        placement_key,
        count(*) AS posts,
        CASE WHEN count(views) = count(*) THEN cast(sum(views) AS BIGINT) END AS views,
        CASE WHEN count(reach) = count(*) THEN cast(sum(reach) AS BIGINT) END AS reach,
        CASE WHEN count(impressions) = count(*) THEN cast(sum(impressions) AS BIGINT) END AS impressions,
        CASE WHEN count(comments) = count(*) THEN cast(sum(comments) AS BIGINT) END AS comments,
        CASE WHEN count(engagements_core) = count(*) THEN cast(sum(engagements_core) AS BIGINT) END
            AS engagements_core,
        min(published_at) AS first_post_at,
        max(published_at) AS last_post_at
    FROM marts.placement_posts
    GROUP BY placement_key
),

rank_posts AS (
    SELECT
        placement_key,
        tier,
        row_number() OVER (PARTITION BY placement_key ORDER BY published_at, post_key) AS place
    FROM marts.placement_posts
    WHERE published_at IS NOT NULL
),

-- Followers at the campaign's start, by the same rule as at a post.
rank_counts AS (
    SELECT
        placements.placement_key,
        counts.followers,
        row_number() OVER (
            PARTITION BY placements.placement_key
            ORDER BY
                CASE
                    WHEN date_diff('day', counts.observed_on, placements.starts_on) BETWEEN 0 AND 14 THEN 0
                    ELSE 1
                END,
                abs(date_diff('day', counts.observed_on, placements.starts_on)),
                counts.observed_on
        ) AS place
    FROM take_placements AS placements
    INNER JOIN core.follower_counts AS counts ON placements.account_key = counts.account_key
    WHERE date_diff('day', counts.observed_on, placements.starts_on) BETWEEN -90 AND 90
),

find_tiers AS (
    SELECT
        placements.placement_key,
        CASE WHEN posts.placement_key IS NOT NULL THEN posts.tier ELSE tiers.tier END AS tier
    FROM take_placements AS placements
    LEFT JOIN rank_posts AS posts ON placements.placement_key = posts.placement_key AND posts.place = 1
    LEFT JOIN rank_counts AS counts ON placements.placement_key = counts.placement_key AND counts.place = 1
    LEFT JOIN seeds.tiers AS tiers
        ON
            tiers.scheme = $scheme
            AND counts.followers >= tiers.followers_min
            AND (counts.followers <= tiers.followers_max OR tiers.followers_max IS NULL)
),

list_covered_days AS (
    SELECT DISTINCT
        day,
        dimensions
    FROM core.web_sessions
),

-- A report without the dimension that tells a link from others says nothing of its clicks.

find_covered AS (
    SELECT DISTINCT placements.placement_key
    FROM take_placements AS placements
    INNER JOIN core.placement_links AS links ON placements.placement_key = links.placement_key
    INNER JOIN list_covered_days AS covered
        ON
            placements.starts_on <= covered.day
            AND (
                placements.ends_on IS NULL
                OR date_diff('day', placements.ends_on, covered.day) <= $attribution_days
            )
            AND (links.utm_source IS NULL OR covered.dimensions LIKE '%source%')
            AND (links.utm_medium IS NULL OR covered.dimensions LIKE '%medium%')
            AND (links.utm_campaign IS NULL OR covered.dimensions LIKE '%campaign%')
            AND (links.utm_content IS NULL OR covered.dimensions LIKE '%content%')
),

count_clicks AS (
    SELECT
        placement_key,
        cast(sum(clicks) AS BIGINT) AS clicks
    FROM marts.placement_clicks
    GROUP BY placement_key
),

join_parts AS (
    SELECT
        placements.campaign_key,
        placements.account_key,
        placements.creator_key,
        placements.platform,
        tiers.tier,
        CASE WHEN covered.placement_key IS NOT NULL THEN coalesce(clicks.clicks, 0) END AS clicks,
        coalesce(claims.orders_gross, 0) AS orders_gross,
        coalesce(claims.orders_contested, 0) AS orders_contested,
        coalesce(claims.orders_duplicate, 0) AS orders_duplicate,
        coalesce(claims.orders_cancelled, 0) AS orders_cancelled,
        coalesce(claims.orders_refunded, 0) AS orders_refunded,
        coalesce(claims.orders_excluded, 0) AS orders_excluded,
        coalesce(orders.orders_net, 0) AS orders_net,
        CASE
            WHEN coalesce(orders.orders_net, 0) = 0 THEN cast(0 AS DECIMAL(18, 4))
            WHEN orders.orders_unknown = 0 THEN orders.revenue_net
        END AS revenue_net,
        placements.currency,
        placements.fee AS cost_fee,
        cast(placements.cost_loaded AS DECIMAL(18, 4)) AS cost_loaded,
        placements.hours_spent,
        clocks.is_closed,
        clocks.share_of_final,
        placements.placement_key,
        coalesce(posts.posts, 0) AS posts,
        posts.views,
        posts.reach,
        posts.impressions,
        posts.comments,
        posts.engagements_core,
        coalesce(orders.orders_net_link, 0) AS orders_net_link,
        coalesce(orders.orders_net_code, 0) AS orders_net_code,
        coalesce(orders.orders_new_customers, 0) AS orders_new_customers,
        coalesce(orders.orders_unconverted, 0) AS orders_unconverted,
        coalesce(orders.orders_leak_suspect, 0) AS orders_leak_suspect,
        placements.contracted_posts,
        placements.boost_spend,
        posts.first_post_at,
        posts.last_post_at
    FROM take_placements AS placements
    INNER JOIN find_tiers AS tiers ON placements.placement_key = tiers.placement_key
    INNER JOIN marts.campaign_clocks AS clocks ON placements.campaign_key = clocks.campaign_key
    LEFT JOIN count_claims AS claims ON placements.placement_key = claims.placement_key
    LEFT JOIN count_orders AS orders ON placements.placement_key = orders.placement_key
    LEFT JOIN add_up_posts AS posts ON placements.placement_key = posts.placement_key
    LEFT JOIN find_covered AS covered ON placements.placement_key = covered.placement_key
    LEFT JOIN count_clicks AS clicks ON placements.placement_key = clicks.placement_key
)

SELECT
    campaign_key,
    account_key,
    creator_key,
    platform,
    tier,
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
    placement_key,
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
    first_post_at,
    last_post_at,
    orders_gross
    - orders_contested
    - orders_duplicate
    - orders_cancelled
    - orders_refunded
    - orders_excluded
    - orders_net AS unbalanced
FROM join_parts
