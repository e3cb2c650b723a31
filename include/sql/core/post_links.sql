-- An address that a post had once stays its address: what is known is only looked at, so that nothing comes twice.
SELECT
    post_key,
    link_key
FROM stage.post_observations
WHERE link_key IS NOT NULL
EXCEPT
SELECT
    links.post_key,
    links.link_key
FROM core.post_links AS links
INNER JOIN stage.observed_posts AS observed ON links.post_key = observed.post_key
