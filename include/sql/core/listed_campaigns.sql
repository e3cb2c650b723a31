SELECT
    campaign_key,
    brand,
    name,
    goal,
    niche,
    starts_on,
    ends_on,
    currency,
    hourly_rate,
    shop,
    observed_at,
    file_id,
    row_number,
    load_key
FROM stage.campaigns
