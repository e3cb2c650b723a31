SELECT post_key FROM stage.observed_posts
UNION
SELECT previous.post_key
FROM stage.previous_placement_posts AS previous
LEFT JOIN core.placement_posts AS posts
    ON previous.placement_key = posts.placement_key AND previous.post_key = posts.post_key
WHERE posts.post_key IS NULL
UNION
SELECT posts.post_key
FROM core.placement_posts AS posts
LEFT JOIN stage.previous_placement_posts AS previous
    ON posts.placement_key = previous.placement_key AND posts.post_key = previous.post_key
WHERE previous.post_key IS NULL
