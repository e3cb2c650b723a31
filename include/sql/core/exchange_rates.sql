WITH add_received AS (
    SELECT
        rate_on,
        currency,
        units_per_euro,
        euros_per_unit,
        observed_at,
        file_id,
        row_number,
        load_key
    FROM stage.exchange_rates
    UNION ALL
    SELECT
        known.rate_on,
        known.currency,
        known.units_per_euro,
        known.euros_per_unit,
        known.observed_at,
        known.file_id,
        known.row_number,
        known.load_key
    FROM core.exchange_rates AS known
    INNER JOIN stage.observed_rates AS observed
        ON known.rate_on = observed.rate_on AND known.currency = observed.currency
),

rank_rates AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY rate_on, currency
            ORDER BY observed_at DESC, file_id DESC, row_number DESC, load_key ASC
        ) AS recency
    FROM add_received
)

SELECT
    rate_on,
    currency,
    units_per_euro,
    euros_per_unit,
    observed_at,
    file_id,
    row_number,
    load_key
FROM rank_rates
WHERE recency = 1
