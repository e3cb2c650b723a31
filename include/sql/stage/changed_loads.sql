SELECT load_key FROM stage.export_files
UNION
SELECT metrics.load_key
FROM core.post_metrics AS metrics
INNER JOIN stage.repeated_observations AS repeated
    ON metrics.post_key = repeated.post_key AND metrics.observed_at = repeated.observed_at
UNION
SELECT versions.load_key
FROM core.order_versions AS versions
INNER JOIN stage.observed_orders AS observed ON versions.order_key = observed.order_key
