SELECT
    placement_key,
    link,
    link_key,
    observed_at,
    file_id,
    row_number,
    load_key
FROM stage.placement_posts
