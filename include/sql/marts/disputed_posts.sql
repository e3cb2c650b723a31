-- Parameter: $observed_since (nothing was observed of the observed posts before it).
-- Nearly every post has one owner: those with several are found first, and nothing else is looked at again.
WITH find_disputed AS (
    SELECT versions.post_key
    FROM core.post_versions AS versions
    INNER JOIN stage.observed_posts AS observed ON versions.post_key = observed.post_key
    WHERE versions.first_observed_at >= $observed_since
    GROUP BY versions.post_key
    HAVING min(versions.account_key) <> max(versions.account_key)
),

list_owners AS (
    SELECT
        versions.post_key,
        versions.account_key,
        max(versions.observed_at) AS last_observed_at
    FROM core.post_versions AS versions
    INNER JOIN find_disputed AS disputed ON versions.post_key = disputed.post_key
    WHERE versions.first_observed_at >= $observed_since
    GROUP BY versions.post_key, versions.account_key
)

SELECT
    owners.post_key,
    posts.account_key,
    owners.account_key AS other_account_key,
    owners.last_observed_at
FROM list_owners AS owners
INNER JOIN core.posts AS posts ON owners.post_key = posts.post_key
WHERE owners.account_key <> posts.account_key
