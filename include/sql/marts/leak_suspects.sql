WITH count_days AS (
    SELECT
        placement_key,
        code,
        ordered_on AS day,
        count(*) AS orders
    FROM marts.order_fates
    WHERE fate = 'net' AND rule = 'code'
    GROUP BY placement_key, code, ordered_on
),

compare_days AS (
    SELECT
        *,
        sum(orders) OVER (PARTITION BY placement_key, code) - orders AS other_orders,
        count(*) OVER (PARTITION BY placement_key, code) - 1 AS other_days
    FROM count_days
),

take_bursts AS (
    SELECT *
    FROM compare_days
    WHERE orders >= 5 AND orders * other_days >= 3 * other_orders
),

find_last_posts AS (
    SELECT
        bursts.placement_key,
        bursts.code,
        bursts.day,
        max(cast(posts.published_at AS DATE)) AS last_post_on
    FROM take_bursts AS bursts
    LEFT JOIN marts.placement_posts AS posts
        ON bursts.placement_key = posts.placement_key AND cast(posts.published_at AS DATE) <= bursts.day
    GROUP BY bursts.placement_key, bursts.code, bursts.day
),

list_covered_days AS (
    SELECT DISTINCT day
    FROM core.web_sessions
),

count_clicks AS (
    SELECT
        bursts.placement_key,
        bursts.code,
        bursts.day,
        sum(clicks.clicks) AS clicks
    FROM take_bursts AS bursts
    INNER JOIN marts.placement_clicks AS clicks
        ON
            bursts.placement_key = clicks.placement_key
            AND date_diff('day', clicks.day, bursts.day) BETWEEN 0 AND 1
    GROUP BY bursts.placement_key, bursts.code, bursts.day
),

measure_bursts AS (
    SELECT
        bursts.placement_key,
        bursts.code,
        bursts.day,
        bursts.orders,
        cast(bursts.other_orders AS DOUBLE) / nullif(bursts.other_days, 0) AS usual_orders,
        date_diff('day', posts.last_post_on, bursts.day) AS days_since_post,
        CASE WHEN covered.day IS NOT NULL THEN cast(coalesce(clicks.clicks, 0) AS BIGINT) END AS clicks
    FROM take_bursts AS bursts
    INNER JOIN find_last_posts AS posts
        ON
            bursts.placement_key = posts.placement_key
            AND bursts.code = posts.code
            AND bursts.day = posts.day
    LEFT JOIN count_clicks AS clicks
        ON
            bursts.placement_key = clicks.placement_key
            AND bursts.code = clicks.code
            AND bursts.day = clicks.day
    LEFT JOIN list_covered_days AS covered ON bursts.day = covered.day
)

SELECT
    placement_key,
    code,
    day,
    orders,
    usual_orders,
    days_since_post,
    clicks
FROM measure_bursts
WHERE (days_since_post > 14 OR days_since_post IS NULL) AND coalesce(clicks, 0) = 0
