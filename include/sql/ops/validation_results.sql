SELECT
    run_id,
    suite,
    expectation,
    severity,
    outcome,
    observed,
    validated_at,
    load_key
FROM stage.validation_results
