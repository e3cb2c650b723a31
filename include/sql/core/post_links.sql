SELECT
    post_key,
    link_key
FROM stage.post_observations
WHERE link_key IS NOT NULL
UNION
SELECT
    links.post_key,
    links.link_key
FROM core.post_links AS links
INNER JOIN stage.observed_posts AS observed ON links.post_key = observed.post_key
