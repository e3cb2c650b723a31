WITH take_latest AS (
    SELECT versions.*
    FROM core.order_versions AS versions
    INNER JOIN stage.changed_orders AS changed ON versions.order_key = changed.order_key
    WHERE versions.is_latest
),

-- The days of UTC in which a day of the zone lies (that of its begin, the same day, that of its end; the day on which
-- summer time ends has 25 hours): an equality to join on before its exact bounds.
name_utc_days AS (
    SELECT
        day,
        starts_at,
        ends_at,
        cast(starts_at AS DATE) AS utc_day
    FROM seeds.days
    UNION
    SELECT
        day,
        starts_at,
        ends_at,
        day AS utc_day
    FROM seeds.days
    UNION
    SELECT
        day,
        starts_at,
        ends_at,
        cast(ends_at AS DATE) AS utc_day
    FROM seeds.days
),

find_days AS (
    SELECT
        orders.order_key,
        days.day AS ordered_on
    FROM take_latest AS orders
    INNER JOIN name_utc_days AS days
        ON
            cast(orders.ordered_at AS DATE) = days.utc_day
            AND orders.ordered_at >= days.starts_at
            AND orders.ordered_at < days.ends_at
),

rank_customers AS (
    SELECT
        order_key,
        coalesce(lower(source) LIKE 'subscription%', FALSE) AS is_subscription,
        rank() OVER (PARTITION BY shop, customer_hash ORDER BY ordered_at) AS nth_order,
        rank() OVER (
            PARTITION BY shop, customer_hash, coalesce(lower(source) LIKE 'subscription%', FALSE)
            ORDER BY ordered_at
        ) AS nth_alike
    FROM take_latest
    WHERE customer_hash IS NOT NULL AND ordered_at IS NOT NULL
)

SELECT
    orders.order_key,
    orders.shop,
    orders.name,
    orders.order_id,
    orders.ordered_at,
    orders.currency,
    orders.subtotal,
    orders.discount,
    orders.total,
    orders.refunded,
    orders.financial_status,
    orders.cancelled_at,
    customers.nth_order = 1 AS is_new_customer,
    orders.source,
    coalesce(customers.is_subscription AND customers.nth_alike > 1, FALSE) AS is_subscription_repeat,
    days.ordered_on,
    orders.utm_source,
    orders.utm_medium,
    orders.utm_campaign,
    orders.utm_content,
    orders.observed_at,
    orders.file_id,
    orders.row_number
FROM take_latest AS orders
LEFT JOIN find_days AS days ON orders.order_key = days.order_key
LEFT JOIN rank_customers AS customers ON orders.order_key = customers.order_key
