WITH list_owned AS (
    SELECT DISTINCT post_key
    FROM core.placement_posts
),

rank_metrics AS (
    SELECT
        metrics.post_key,
        metrics.views,
        metrics.reach,
        metrics.impressions,
        metrics.comments,
        metrics.likes + metrics.comments AS engagements_core,
        row_number() OVER (
            PARTITION BY metrics.post_key
            ORDER BY
                metrics.observed_at DESC, metrics.known_values DESC, metrics.file_id DESC, metrics.row_number DESC,
                metrics.load_key ASC
        ) AS recency
    FROM core.post_metrics AS metrics
    INNER JOIN list_owned AS owned ON metrics.post_key = owned.post_key
    WHERE metrics.is_lifetime
)

SELECT
    owned.placement_key,
    owned.post_key,
    posts.published_at,
    engagement.tier,
    metrics.views,
    metrics.reach,
    metrics.impressions,
    metrics.comments,
    metrics.engagements_core,
    coalesce(posts.permalink, owned.link) AS permalink,
    posts.branded_evidence,
    posts.branded_evidence <> 'contract' AS is_disclosed
FROM core.placement_posts AS owned
LEFT JOIN core.posts AS posts ON owned.post_key = posts.post_key
LEFT JOIN marts.post_engagement AS engagement ON owned.post_key = engagement.post_key
LEFT JOIN rank_metrics AS metrics ON owned.post_key = metrics.post_key AND metrics.recency = 1
