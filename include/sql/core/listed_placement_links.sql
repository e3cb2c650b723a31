SELECT
    placement_key,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    observed_at,
    file_id,
    row_number,
    load_key
FROM stage.placement_links
