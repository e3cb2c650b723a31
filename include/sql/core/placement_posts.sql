WITH rank_lists AS (
    SELECT
        load_key,
        row_number() OVER (ORDER BY observed_at DESC, file_id DESC, load_key DESC) AS recency
    FROM core.listed_placements
),

find_posts AS (
    SELECT
        link_key,
        min(post_key) AS post_key
    FROM core.post_links
    GROUP BY link_key
)

SELECT
    listed.placement_key,
    coalesce(found.post_key, listed.link_key) AS post_key,
    min(listed.link) AS link
FROM core.listed_placement_posts AS listed
INNER JOIN rank_lists AS lists ON listed.load_key = lists.load_key
LEFT JOIN find_posts AS found ON listed.link_key = found.link_key
WHERE lists.recency = 1
GROUP BY listed.placement_key, coalesce(found.post_key, listed.link_key)
