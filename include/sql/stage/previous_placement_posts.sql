SELECT
    placement_key,
    post_key
FROM core.placement_posts
