SELECT DISTINCT post_key
FROM stage.post_observations
