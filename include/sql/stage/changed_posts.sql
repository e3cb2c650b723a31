-- Parameter: $described_since (nothing was observed of the described posts before it).
WITH find_other_creators AS (
    SELECT previous.account_key
    FROM stage.previous_accounts AS previous
    INNER JOIN core.accounts AS accounts ON previous.account_key = accounts.account_key
    WHERE previous.creator_key <> accounts.creator_key
),

find_other_counts AS (
    SELECT
        counts.account_key,
        counts.observed_on
    FROM core.follower_counts AS counts
    INNER JOIN stage.observed_follower_days AS observed
        ON counts.account_key = observed.account_key AND counts.observed_on = observed.observed_on
    LEFT JOIN stage.previous_followers AS previous
        ON counts.account_key = previous.account_key AND counts.observed_on = previous.observed_on
    WHERE previous.followers IS NULL OR previous.followers <> counts.followers
),

span_other_counts AS (
    SELECT
        account_key,
        min(observed_on) - INTERVAL 90 DAY AS starts_at,
        max(observed_on) + INTERVAL 91 DAY AS ends_at
    FROM find_other_counts
    GROUP BY account_key
),

-- The posts with a new observation are among those to be described.
add_reasons AS (
    SELECT
        posts.post_key,
        posts.first_observed_at
    FROM core.posts AS posts
    INNER JOIN stage.described_posts AS described ON posts.post_key = described.post_key
    WHERE posts.first_observed_at >= $described_since
    UNION ALL
    SELECT
        posts.post_key,
        posts.first_observed_at
    FROM core.posts AS posts
    INNER JOIN find_other_creators AS other ON posts.account_key = other.account_key
    UNION ALL
    SELECT
        posts.post_key,
        posts.first_observed_at
    FROM core.posts AS posts
    INNER JOIN span_other_counts AS other ON posts.account_key = other.account_key
    WHERE posts.published_at >= other.starts_at AND posts.published_at < other.ends_at
)

SELECT
    post_key,
    min(first_observed_at) AS first_observed_at
FROM add_reasons
GROUP BY post_key
