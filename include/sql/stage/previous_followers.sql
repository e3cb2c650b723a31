SELECT
    counts.account_key,
    counts.observed_on,
    counts.followers
FROM core.follower_counts AS counts
INNER JOIN stage.observed_follower_days AS changed
    ON counts.account_key = changed.account_key AND counts.observed_on = changed.observed_on
