-- The posts of a platform's kind group that a week's comparison used, with the export rows that their settled counts
-- and their followers come from. Parameters: $platform, $kind_group, $as_of.
WITH take_posts AS (
    SELECT
        posts.post_key,
        posts.creator_key,
        posts.account_key,
        posts.tier,
        posts.is_branded,
        posts.observed_at_settled,
        posts.engagements_core_settled,
        posts.reach_settled,
        posts.views_settled,
        posts.followers_at_post,
        posts.followers_observed_on
    FROM marts.post_engagement AS posts
    WHERE
        posts.platform = $platform
        AND posts.kind_group = $kind_group
        AND posts.age_days_settled IS NOT NULL
        AND posts.tier IS NOT NULL
),

rank_observations AS (
    SELECT
        posts.post_key,
        metrics.file_id,
        metrics.load_key,
        metrics.row_number,
        row_number() OVER (
            PARTITION BY metrics.post_key
            ORDER BY
                metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC, metrics.load_key ASC
        ) AS place
    FROM take_posts AS posts
    INNER JOIN core.post_metrics AS metrics
        ON posts.post_key = metrics.post_key AND posts.observed_at_settled = metrics.observed_at
    WHERE metrics.is_lifetime
),

list_days AS (
    SELECT DISTINCT
        account_key,
        followers_observed_on
    FROM take_posts
),

rank_counts AS (
    SELECT
        counts.account_key,
        counts.observed_on,
        counts.observed_at,
        counts.file_id,
        counts.row_number,
        row_number() OVER (
            PARTITION BY counts.account_key, counts.observed_on
            ORDER BY counts.observed_at DESC, counts.file_id DESC
        ) AS place
    FROM core.follower_observations AS counts
    INNER JOIN list_days AS days
        ON counts.account_key = days.account_key AND counts.observed_on = days.followers_observed_on
    WHERE counts.observed_at < $as_of
),

name_files AS (
    SELECT
        file_id,
        observed_at,
        min(path) AS path
    FROM ops.export_files
    GROUP BY file_id, observed_at
)

SELECT
    posts.post_key,
    posts.creator_key,
    posts.account_key,
    posts.tier,
    posts.is_branded,
    posts.engagements_core_settled,
    posts.reach_settled,
    posts.views_settled,
    posts.followers_at_post,
    posts.observed_at_settled AS observed_at,
    files.path,
    observations.row_number,
    observations.file_id,
    counts.observed_at AS followers_observed_at,
    follower_files.path AS followers_path,
    counts.row_number AS followers_row_number,
    counts.file_id AS followers_file_id
FROM take_posts AS posts
INNER JOIN rank_observations AS observations
    ON posts.post_key = observations.post_key AND observations.place = 1
LEFT JOIN ops.export_files AS files ON observations.load_key = files.load_key
LEFT JOIN rank_counts AS counts
    ON
        posts.account_key = counts.account_key
        AND posts.followers_observed_on = counts.observed_on
        AND counts.place = 1
LEFT JOIN name_files AS follower_files
    ON counts.file_id = follower_files.file_id AND counts.observed_at = follower_files.observed_at
ORDER BY posts.post_key
