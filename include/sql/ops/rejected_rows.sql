SELECT
    file_id,
    row_number,
    rule,
    column_name,
    value,
    raw,
    rejected_at,
    resolved_at,
    load_key
FROM stage.rejected_rows
