SELECT
    posts.placement_key,
    posts.post_key,
    placements.account_key,
    posts.published_at,
    posts.permalink
FROM marts.placement_posts AS posts
INNER JOIN core.placements AS placements ON posts.placement_key = placements.placement_key
WHERE NOT posts.is_disclosed
