WITH add_up_tiers AS (
    SELECT
        cast(date_trunc('quarter', campaigns.starts_on) AS DATE) AS quarter_start,
        conversions.tier,
        conversions.currency,
        count(*) AS placements,
        count(*) FILTER (WHERE conversions.cost_fee IS NULL) AS placements_fee_unknown,
        cast(sum(conversions.cost_fee) AS DECIMAL(18, 4)) AS cost_fee,
        cast(sum(conversions.cost_loaded) AS DECIMAL(18, 4)) AS cost_loaded
    FROM marts.campaign_conversions AS conversions
    INNER JOIN core.campaigns AS campaigns ON conversions.campaign_key = campaigns.campaign_key
    GROUP BY
        cast(date_trunc('quarter', campaigns.starts_on) AS DATE),
        conversions.tier,
        conversions.currency
)

SELECT
    quarter_start,
    tier,
    currency,
    placements,
    cast(placements AS DOUBLE)
    / cast(sum(placements) OVER (PARTITION BY quarter_start, currency) AS DOUBLE) AS placements_share,
    placements_fee_unknown,
    cost_fee,
    cost_loaded,
    cast(cost_fee AS DOUBLE)
    / nullif(cast(sum(cost_fee) OVER (PARTITION BY quarter_start, currency) AS DOUBLE), 0) AS cost_fee_share
FROM add_up_tiers
