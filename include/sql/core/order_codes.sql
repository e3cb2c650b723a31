WITH find_latest AS (
    SELECT
        versions.order_key,
        versions.load_key,
        versions.row_number
    FROM core.order_versions AS versions
    INNER JOIN stage.observed_orders AS observed ON versions.order_key = observed.order_key
    WHERE versions.is_latest
)

SELECT
    latest.order_key,
    received.position,
    received.code
FROM find_latest AS latest
INNER JOIN stage.order_codes AS received
    ON
        latest.order_key = received.order_key
        AND latest.load_key = received.load_key
        AND latest.row_number = received.row_number
UNION ALL
SELECT
    known.order_key,
    known.position,
    known.code
FROM core.order_codes AS known
INNER JOIN find_latest AS latest ON known.order_key = latest.order_key
LEFT JOIN stage.orders AS received
    ON
        latest.order_key = received.order_key
        AND latest.load_key = received.load_key
        AND latest.row_number = received.row_number
WHERE received.order_key IS NULL
