WITH rank_posts AS (
    SELECT
        engagement.*,
        row_number() OVER (
            PARTITION BY engagement.creator_key, engagement.platform, engagement.kind_group
            ORDER BY engagement.published_at DESC, engagement.post_key DESC
        ) AS recency
    FROM marts.post_engagement AS engagement
    INNER JOIN stage.compared_creators AS compared ON engagement.creator_key = compared.creator_key
    WHERE engagement.kind_group IS NOT NULL
),

compare_posts AS (
    SELECT
        creator_key,
        platform,
        kind_group,
        max(CASE WHEN recency = 1 THEN tier END) AS tier,
        count(*) AS posts,
        count(*) FILTER (WHERE is_branded) AS branded_posts,
        count(er_followers_settled) FILTER (WHERE is_branded) AS branded_settled_posts,
        count(er_followers_settled) FILTER (WHERE NOT is_branded) AS own_settled_posts,
        cast(avg(CASE WHEN is_branded THEN cast(er_followers_settled AS DECIMAL(38, 18)) END) AS DOUBLE)
            AS er_followers_branded,
        cast(avg(CASE WHEN NOT is_branded THEN cast(er_followers_settled AS DECIMAL(38, 18)) END) AS DOUBLE)
            AS er_followers_own,
        cast(avg(CASE WHEN is_branded THEN cast(er_views_settled AS DECIMAL(38, 18)) END) AS DOUBLE)
            AS er_views_branded,
        cast(avg(CASE WHEN NOT is_branded THEN cast(er_views_settled AS DECIMAL(38, 18)) END) AS DOUBLE)
            AS er_views_own
    FROM rank_posts
    GROUP BY creator_key, platform, kind_group
)

SELECT
    creator_key,
    platform,
    kind_group,
    tier,
    posts,
    branded_posts,
    cast(branded_posts AS DOUBLE) / posts AS branded_share,
    branded_settled_posts,
    own_settled_posts,
    er_followers_branded,
    er_followers_own,
    er_views_branded,
    er_views_own,
    er_followers_branded / nullif(er_followers_own, 0) AS er_followers_ratio,
    er_views_branded / nullif(er_views_own, 0) AS er_views_ratio
FROM compare_posts
