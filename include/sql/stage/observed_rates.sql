SELECT DISTINCT
    rate_on,
    currency
FROM stage.exchange_rates
