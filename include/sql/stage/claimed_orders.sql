WITH name_changed_orders AS (
    SELECT
        orders.name,
        orders.order_id
    FROM core.orders AS orders
    INNER JOIN stage.changed_orders AS changed ON orders.order_key = changed.order_key
),

-- Orders of two shops may have one number: what is new of one may take an event from the other.
find_events AS (
    SELECT events.order_ref
    FROM core.affiliate_events AS events
    INNER JOIN stage.observed_events AS observed ON events.event_key = observed.event_key
    UNION
    SELECT events.order_ref
    FROM core.affiliate_events AS events
    INNER JOIN name_changed_orders AS changed ON events.order_ref = changed.name
    UNION
    SELECT events.order_ref
    FROM core.affiliate_events AS events
    INNER JOIN name_changed_orders AS changed ON events.order_ref = changed.order_id
),

count_lists AS (
    SELECT (SELECT count(*) FROM stage.campaigns) + (SELECT count(*) FROM stage.placements) AS listed
)

SELECT order_key FROM stage.changed_orders
UNION
SELECT orders.order_key
FROM core.orders AS orders
INNER JOIN find_events AS events ON orders.name = events.order_ref
UNION
SELECT orders.order_key
FROM core.orders AS orders
INNER JOIN find_events AS events ON orders.order_id = events.order_ref
UNION
SELECT claims.order_key
FROM core.claims AS claims
INNER JOIN stage.observed_events AS observed ON claims.event_key = observed.event_key
UNION
SELECT orders.order_key
FROM core.orders AS orders
CROSS JOIN count_lists AS lists
WHERE lists.listed > 0
