SELECT
    placement_key,
    campaign_key,
    account_key,
    fee,
    product_cost,
    commission,
    boost_spend,
    hours_spent,
    contracted_posts,
    brief_level,
    niche_fit,
    has_agent,
    observed_at,
    file_id,
    row_number,
    load_key
FROM stage.placements
