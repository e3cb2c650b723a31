-- Parameters: $published_from (included), $as_of (not included).
SELECT post_key
FROM core.posts
WHERE published_at >= $published_from AND published_at < $as_of
