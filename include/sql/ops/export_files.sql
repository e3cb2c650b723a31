-- Rows of posts and of orders may equal what other files say; an order's line items go with it.
WITH count_received AS (
    SELECT
        load_key,
        count(*) AS post_rows
    FROM stage.post_observations
    GROUP BY load_key
    UNION ALL
    SELECT
        load_key,
        cast(sum(line_rows) AS BIGINT) AS post_rows
    FROM stage.orders
    GROUP BY load_key
),

count_kept AS (
    SELECT
        metrics.load_key,
        count(*) AS kept_rows
    FROM core.post_metrics AS metrics
    INNER JOIN stage.changed_loads AS changed ON metrics.load_key = changed.load_key
    GROUP BY metrics.load_key
    UNION ALL
    SELECT
        versions.load_key,
        cast(sum(versions.line_rows) AS BIGINT) AS kept_rows
    FROM core.order_versions AS versions
    INNER JOIN stage.changed_loads AS changed ON versions.load_key = changed.load_key
    WHERE versions.is_change
    GROUP BY versions.load_key
),

-- New loads as their manifests tell, the others as they stand; a load whose paths changed brings no rows again.
gather_loads AS (
    SELECT
        staged.file_id,
        staged.path,
        staged.source_format,
        staged.platform,
        staged.account_handle,
        staged.observed_at,
        staged.observed_from,
        staged.rows_read,
        staged.rows_rejected,
        staged.rows_ignored,
        staged.status,
        staged.message,
        staged.loaded_at,
        staged.other_paths,
        staged.rows_accepted,
        coalesce(received.post_rows, known.post_rows, 0) AS post_rows,
        staged.load_key,
        staged.revision
    FROM stage.export_files AS staged
    LEFT JOIN count_received AS received ON staged.load_key = received.load_key
    LEFT JOIN ops.export_files AS known ON staged.load_key = known.load_key
    UNION ALL
    SELECT
        known.file_id,
        known.path,
        known.source_format,
        known.platform,
        known.account_handle,
        known.observed_at,
        known.observed_from,
        known.rows_read,
        known.rows_rejected,
        known.rows_ignored,
        known.status,
        known.message,
        known.loaded_at,
        known.other_paths,
        known.rows_accepted,
        known.post_rows,
        known.load_key,
        known.revision
    FROM ops.export_files AS known
    INNER JOIN stage.changed_loads AS changed ON known.load_key = changed.load_key
    LEFT JOIN stage.export_files AS staged ON known.load_key = staged.load_key
    WHERE staged.load_key IS NULL
),

count_loaded AS (
    SELECT
        loads.*,
        loads.rows_accepted - loads.post_rows + coalesce(kept.kept_rows, 0) AS rows_loaded
    FROM gather_loads AS loads
    LEFT JOIN count_kept AS kept ON loads.load_key = kept.load_key
)

SELECT
    file_id,
    path,
    source_format,
    platform,
    account_handle,
    observed_at,
    observed_from,
    rows_read,
    rows_loaded,
    rows_read - rows_loaded - rows_rejected - rows_ignored AS rows_duplicate,
    rows_rejected,
    rows_ignored,
    status,
    message,
    loaded_at,
    other_paths,
    rows_accepted,
    post_rows,
    load_key,
    revision
FROM count_loaded
