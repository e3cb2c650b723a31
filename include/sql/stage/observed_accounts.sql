SELECT account_key FROM stage.post_observations
UNION
SELECT account_key FROM stage.follower_observations
UNION
SELECT account_key FROM stage.account_observations
