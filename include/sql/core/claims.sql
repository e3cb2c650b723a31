-- Parameters: $attribution_days, $click_days, $subscription_policy (`first` or `all` orders of a subscription count).
WITH take_orders AS (
    SELECT orders.*
    FROM core.orders AS orders
    INNER JOIN stage.claimed_orders AS claimed ON orders.order_key = claimed.order_key
),

take_placements AS (
    SELECT
        placements.placement_key,
        placements.campaign_key,
        substr(placements.account_key, strpos(placements.account_key, ':') + 1) AS handle,
        campaigns.starts_on,
        campaigns.ends_on,
        lower(campaigns.shop) AS shop
    FROM core.placements AS placements
    INNER JOIN core.campaigns AS campaigns ON placements.campaign_key = campaigns.campaign_key
),

claim_by_code AS (
    SELECT
        codes.order_key,
        owned.placement_key,
        'code' AS method,
        codes.position,
        codes.code,
        cast(NULL AS TEXT) AS event_key,
        cast(NULL AS TIMESTAMP) AS clicked_at,
        0 AS likeness
    FROM core.order_codes AS codes
    INNER JOIN take_orders AS orders ON codes.order_key = orders.order_key
    INNER JOIN core.placement_codes AS owned ON codes.code = owned.code
),

claim_by_note AS (
    SELECT
        orders.order_key,
        links.placement_key,
        'link' AS method,
        1 AS position,
        cast(NULL AS TEXT) AS code,
        cast(NULL AS TEXT) AS event_key,
        orders.ordered_at AS clicked_at,
        CASE WHEN links.utm_source IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_medium IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_campaign IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_content IS NULL THEN 0 ELSE 1 END AS likeness
    FROM take_orders AS orders
    INNER JOIN core.placement_links AS links
        ON
            (links.utm_source IS NULL OR lower(links.utm_source) = lower(orders.utm_source))
            AND (links.utm_medium IS NULL OR lower(links.utm_medium) = lower(orders.utm_medium))
            AND (links.utm_campaign IS NULL OR lower(links.utm_campaign) = lower(orders.utm_campaign))
            AND (links.utm_content IS NULL OR lower(links.utm_content) = lower(orders.utm_content))
    WHERE coalesce(orders.utm_source, orders.utm_medium, orders.utm_campaign, orders.utm_content) IS NOT NULL
),

name_orders AS (
    SELECT name AS order_ref FROM take_orders
    UNION
    SELECT order_id AS order_ref FROM take_orders
),

find_events AS (
    SELECT
        events.event_key,
        events.order_ref,
        events.event_at,
        events.clicked_at
    FROM core.affiliate_events AS events
    INNER JOIN name_orders AS named ON events.order_ref = named.order_ref
    WHERE NOT events.is_void
),

find_event_orders AS (
    SELECT
        events.event_key,
        events.event_at,
        events.clicked_at,
        orders.order_key,
        orders.ordered_at,
        lower(orders.shop) AS shop
    FROM find_events AS events
    INNER JOIN core.orders AS orders ON events.order_ref = orders.name
    UNION
    SELECT
        events.event_key,
        events.event_at,
        events.clicked_at,
        orders.order_key,
        orders.ordered_at,
        lower(orders.shop) AS shop
    FROM find_events AS events
    INNER JOIN core.orders AS orders ON events.order_ref = orders.order_id
),

name_placements AS (
    SELECT
        placement_key,
        lower(utm_content) AS reference
    FROM core.placement_links
    WHERE utm_content IS NOT NULL
    UNION
    SELECT
        placement_key,
        handle AS reference
    FROM take_placements
    UNION
    SELECT
        placement_key,
        concat('@', handle) AS reference
    FROM take_placements
),

-- An event names one order: where two shops have that number, the one nearest in time.
rank_event_orders AS (
    SELECT
        events.order_key,
        placements.placement_key,
        events.event_key,
        carried.position,
        coalesce(events.clicked_at, least(events.event_at, events.ordered_at)) AS clicked_at,
        row_number() OVER (
            PARTITION BY events.event_key, placements.placement_key
            ORDER BY
                abs(date_diff('microsecond', events.ordered_at, events.event_at)), events.order_key, carried.position
        ) AS nearness
    FROM find_event_orders AS events
    INNER JOIN core.affiliate_references AS carried ON events.event_key = carried.event_key
    INNER JOIN name_placements AS named ON lower(carried.reference) = named.reference
    INNER JOIN take_placements AS placements ON named.placement_key = placements.placement_key
    WHERE events.ordered_at IS NOT NULL AND (placements.shop IS NULL OR placements.shop = events.shop)
),

claim_by_event AS (
    SELECT
        order_key,
        placement_key,
        'link' AS method,
        position,
        cast(NULL AS TEXT) AS code,
        event_key,
        clicked_at,
        5 AS likeness
    FROM rank_event_orders
    WHERE nearness = 1
),

gather_claims AS (
    SELECT * FROM claim_by_code
    UNION ALL
    SELECT * FROM claim_by_note
    UNION ALL
    SELECT * FROM claim_by_event
),

check_claims AS (
    SELECT
        claims.*,
        placements.campaign_key,
        placements.starts_on,
        orders.ordered_on,
        coalesce(
            orders.ordered_on >= placements.starts_on
            AND (
                placements.ends_on IS NULL
                OR date_diff('day', placements.ends_on, orders.ordered_on) <= $attribution_days
            ),
            FALSE
        ) AS is_in_window,
        coalesce(
            orders.ordered_on >= placements.starts_on
            AND (placements.ends_on IS NULL OR orders.ordered_on <= placements.ends_on),
            FALSE
        ) AS is_running
    FROM gather_claims AS claims
    INNER JOIN take_orders AS orders ON claims.order_key = orders.order_key
    INNER JOIN take_placements AS placements ON claims.placement_key = placements.placement_key
    WHERE
        (placements.shop IS NULL OR placements.shop = lower(orders.shop))
        AND (
            claims.method = 'code'
            OR date_diff('microsecond', claims.clicked_at, orders.ordered_at)
            BETWEEN 0 AND $click_days * 86400000000
        )
),

number_likes AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY order_key, placement_key, method
            ORDER BY position ASC, clicked_at DESC, likeness DESC, event_key ASC, code ASC
        ) AS code_place,
        row_number() OVER (
            PARTITION BY order_key, placement_key, method
            ORDER BY clicked_at DESC, likeness DESC, event_key ASC, position ASC, code ASC
        ) AS link_place
    FROM check_claims
),

take_claims AS (
    SELECT *
    FROM number_likes
    WHERE (method = 'code' AND code_place = 1) OR (method = 'link' AND link_place = 1)
),

rank_claims AS (
    SELECT
        order_key,
        placement_key,
        method,
        row_number() OVER (
            PARTITION BY order_key
            ORDER BY
                method ASC,
                CASE WHEN method = 'code' THEN position ELSE 0 END ASC,
                clicked_at DESC,
                likeness DESC,
                CASE WHEN is_running THEN 0 ELSE 1 END ASC,
                starts_on DESC,
                placement_key ASC
        ) AS place
    FROM take_claims
    WHERE is_in_window
),

find_winners AS (
    SELECT
        order_key,
        placement_key
    FROM rank_claims
    WHERE place = 1
)

SELECT
    claims.order_key,
    claims.placement_key,
    claims.campaign_key,
    claims.method,
    claims.code,
    claims.event_key,
    claims.clicked_at,
    claims.is_in_window,
    ranked.place,
    winners.placement_key AS credited_placement_key,
    CASE
        WHEN NOT claims.is_in_window THEN 'outside_window'
        WHEN winners.placement_key <> claims.placement_key THEN 'contested'
        WHEN ranked.place > 1 THEN 'duplicate'
        WHEN orders.cancelled_at IS NOT NULL OR orders.financial_status = 'voided' THEN 'cancelled'
        WHEN orders.financial_status = 'refunded' OR (orders.refunded >= orders.total AND orders.total > 0)
            THEN 'refunded'
        WHEN orders.total = 0 THEN 'excluded'
        WHEN orders.is_subscription_repeat AND $subscription_policy = 'first' THEN 'excluded'
        ELSE 'net'
    END AS fate,
    cast($attribution_days AS BIGINT) AS attribution_days,
    cast($click_days AS BIGINT) AS click_days
FROM take_claims AS claims
INNER JOIN take_orders AS orders ON claims.order_key = orders.order_key
LEFT JOIN rank_claims AS ranked
    ON
        claims.order_key = ranked.order_key
        AND claims.placement_key = ranked.placement_key
        AND claims.method = ranked.method
LEFT JOIN find_winners AS winners ON claims.order_key = winners.order_key
