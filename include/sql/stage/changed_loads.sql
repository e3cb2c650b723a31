SELECT load_key FROM stage.export_files
UNION
SELECT metrics.load_key
FROM core.post_metrics AS metrics
INNER JOIN stage.changed_observations AS changed
    ON metrics.post_key = changed.post_key AND metrics.observed_at = changed.observed_at
UNION
SELECT versions.load_key
FROM core.order_versions AS versions
INNER JOIN stage.observed_orders AS observed ON versions.order_key = observed.order_key
