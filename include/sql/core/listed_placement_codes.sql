SELECT
    placement_key,
    code,
    observed_at,
    file_id,
    row_number,
    load_key
FROM stage.placement_codes
