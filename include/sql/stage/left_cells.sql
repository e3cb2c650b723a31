-- Parameter: $changed_since (nothing was observed of the changed posts before it).
SELECT DISTINCT
    engagement.account_key,
    engagement.week_start,
    engagement.kind
FROM marts.post_engagement AS engagement
INNER JOIN stage.changed_posts AS changed ON engagement.post_key = changed.post_key
WHERE
    engagement.week_start IS NOT NULL
    AND engagement.first_observed_at >= $changed_since
