WITH add_received AS (
    SELECT
        event_key,
        network,
        order_ref,
        status,
        is_void,
        amount,
        payout,
        currency,
        code,
        event_at,
        clicked_at,
        observed_at,
        file_id,
        row_number,
        load_key
    FROM stage.affiliate_events
    UNION ALL
    SELECT
        known.event_key,
        known.network,
        known.order_ref,
        known.status,
        known.is_void,
        known.amount,
        known.payout,
        known.currency,
        known.code,
        known.event_at,
        known.clicked_at,
        known.observed_at,
        known.file_id,
        known.row_number,
        known.load_key
    FROM core.affiliate_events AS known
    INNER JOIN stage.observed_events AS observed ON known.event_key = observed.event_key
),

rank_states AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY event_key
            ORDER BY observed_at DESC, file_id DESC, row_number DESC, load_key ASC
        ) AS recency
    FROM add_received
)

SELECT
    event_key,
    network,
    order_ref,
    status,
    is_void,
    amount,
    payout,
    currency,
    code,
    event_at,
    clicked_at,
    observed_at,
    file_id,
    row_number,
    load_key
FROM rank_states
WHERE recency = 1
