-- The same rows come out whatever the order in which the loads are built.
WITH keep_known AS (
    SELECT versions.*
    FROM core.order_versions AS versions
    INNER JOIN stage.observed_orders AS observed ON versions.order_key = observed.order_key
),

add_received AS (
    SELECT
        order_key,
        shop,
        name,
        order_id,
        ordered_at,
        currency,
        subtotal,
        discount,
        total,
        refunded,
        financial_status,
        cancelled_at,
        customer_hash,
        discount_codes,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        known_values,
        state,
        line_rows,
        observed_at,
        loaded_at,
        file_id,
        row_number,
        load_key
    FROM keep_known
    UNION ALL
    SELECT
        order_key,
        shop,
        name,
        order_id,
        ordered_at,
        currency,
        subtotal,
        discount,
        total,
        refunded,
        financial_status,
        cancelled_at,
        customer_hash,
        discount_codes,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_content,
        known_values,
        state,
        line_rows,
        observed_at,
        loaded_at,
        file_id,
        row_number,
        load_key
    FROM stage.orders
),

number_equals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY order_key, observed_at, state
            ORDER BY loaded_at, file_id, row_number, load_key
        ) AS place
    FROM add_received
),

compare_neighbours AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY order_key
            ORDER BY observed_at DESC, known_values DESC, file_id DESC, row_number DESC, state ASC
        ) AS recency,
        lag(state) OVER (
            PARTITION BY order_key
            ORDER BY observed_at ASC, known_values ASC, file_id ASC, row_number ASC, state DESC
        ) AS previous_state
    FROM number_equals
    WHERE place = 1
)

SELECT
    order_key,
    shop,
    name,
    order_id,
    ordered_at,
    currency,
    subtotal,
    discount,
    total,
    refunded,
    financial_status,
    cancelled_at,
    customer_hash,
    discount_codes,
    source,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    known_values,
    state,
    line_rows,
    observed_at,
    loaded_at,
    file_id,
    row_number,
    load_key,
    coalesce(previous_state <> state, TRUE) AS is_change,
    recency = 1 AS is_latest
FROM compare_neighbours
