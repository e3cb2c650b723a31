WITH rank_lists AS (
    SELECT
        load_key,
        row_number() OVER (ORDER BY observed_at DESC, file_id DESC, load_key DESC) AS recency
    FROM core.listed_placements
)

SELECT
    links.placement_key,
    links.utm_source,
    links.utm_medium,
    links.utm_campaign,
    links.utm_content
FROM core.listed_placement_links AS links
INNER JOIN rank_lists AS lists ON links.load_key = lists.load_key
WHERE lists.recency = 1
