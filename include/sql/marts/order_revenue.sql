WITH take_orders AS (
    SELECT
        fates.order_key,
        fates.placement_key,
        fates.ordered_on,
        fates.revenue_net,
        fates.currency,
        campaigns.currency AS campaign_currency
    FROM marts.order_fates AS fates
    INNER JOIN core.campaigns AS campaigns ON fates.campaign_key = campaigns.campaign_key
    WHERE fates.fate = 'net'
),

list_needs AS (
    SELECT DISTINCT
        ordered_on,
        currency,
        campaign_currency
    FROM take_orders
    WHERE currency <> campaign_currency
),

find_days AS (
    SELECT
        needs.ordered_on,
        needs.currency,
        needs.campaign_currency,
        max(origin.rate_on) AS rate_on
    FROM list_needs AS needs
    INNER JOIN core.exchange_rates AS origin ON needs.currency = origin.currency
    INNER JOIN core.exchange_rates AS target
        ON needs.campaign_currency = target.currency AND origin.rate_on = target.rate_on
    WHERE date_diff('day', origin.rate_on, needs.ordered_on) BETWEEN 0 AND 7
    GROUP BY needs.ordered_on, needs.currency, needs.campaign_currency
),

find_rates AS (
    SELECT
        days.ordered_on,
        days.currency,
        days.campaign_currency,
        days.rate_on,
        origin.euros_per_unit,
        target.units_per_euro
    FROM find_days AS days
    INNER JOIN core.exchange_rates AS origin
        ON days.currency = origin.currency AND days.rate_on = origin.rate_on
    INNER JOIN core.exchange_rates AS target
        ON days.campaign_currency = target.currency AND days.rate_on = target.rate_on
)

SELECT
    orders.order_key,
    orders.placement_key,
    orders.revenue_net,
    orders.currency,
    orders.campaign_currency,
    rates.rate_on,
    CASE
        WHEN orders.currency = orders.campaign_currency THEN orders.revenue_net
        ELSE cast(
            cast(orders.revenue_net * rates.euros_per_unit AS DECIMAL(18, 8)) * rates.units_per_euro
            AS DECIMAL(18, 4)
        )
    END AS revenue_converted
FROM take_orders AS orders
LEFT JOIN find_rates AS rates
    ON
        orders.ordered_on = rates.ordered_on
        AND orders.currency = rates.currency
        AND orders.campaign_currency = rates.campaign_currency
