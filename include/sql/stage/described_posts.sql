WITH find_other_placements AS (
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
)

SELECT
    post_key,
    first_observed_at
FROM stage.observed_posts
UNION ALL
SELECT
    other.post_key,
    posts.first_observed_at
FROM find_other_placements AS other
LEFT JOIN stage.observed_posts AS observed ON other.post_key = observed.post_key
LEFT JOIN core.posts AS posts ON other.post_key = posts.post_key
WHERE observed.post_key IS NULL
