SELECT DISTINCT
    post_key,
    observed_at
FROM stage.post_observations
