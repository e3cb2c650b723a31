WITH find_latest AS (
    SELECT
        events.event_key,
        events.load_key,
        events.row_number
    FROM core.affiliate_events AS events
    INNER JOIN stage.observed_events AS observed ON events.event_key = observed.event_key
)

SELECT
    latest.event_key,
    received.position,
    received.reference
FROM find_latest AS latest
INNER JOIN stage.affiliate_references AS received
    ON
        latest.event_key = received.event_key
        AND latest.load_key = received.load_key
        AND latest.row_number = received.row_number
UNION ALL
SELECT
    known.event_key,
    known.position,
    known.reference
FROM core.affiliate_references AS known
INNER JOIN find_latest AS latest ON known.event_key = latest.event_key
LEFT JOIN stage.affiliate_events AS received
    ON
        latest.event_key = received.event_key
        AND latest.load_key = received.load_key
        AND latest.row_number = received.row_number
WHERE received.event_key IS NULL
