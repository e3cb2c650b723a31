WITH rank_lists AS (
    SELECT
        load_key,
        row_number() OVER (ORDER BY observed_at DESC, file_id DESC, load_key DESC) AS recency
    FROM core.listed_placements
)

SELECT
    codes.placement_key,
    codes.code
FROM core.listed_placement_codes AS codes
INNER JOIN rank_lists AS lists ON codes.load_key = lists.load_key
WHERE lists.recency = 1
