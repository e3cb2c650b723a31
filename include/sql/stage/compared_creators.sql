-- Parameter: $changed_since (nothing was observed of the changed posts before it).
SELECT creator_key FROM stage.changed_creators
UNION
SELECT engagement.creator_key
FROM marts.post_engagement AS engagement
INNER JOIN stage.changed_posts AS changed ON engagement.post_key = changed.post_key
WHERE engagement.first_observed_at >= $changed_since
