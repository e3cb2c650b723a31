SELECT DISTINCT
    account_key,
    observed_on
FROM stage.follower_observations
