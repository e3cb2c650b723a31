-- The tier is that of the newest post, found without ordering all posts of a creator.
WITH take_posts AS (
    SELECT
        post.creator_key,
        post.platform,
        post.kind_group,
        post.is_branded,
        post.published_at,
        cast(post.er_followers_settled AS DECIMAL(38, 18)) AS er_followers,
        cast(post.er_views_settled AS DECIMAL(38, 18)) AS er_views
    FROM marts.post_engagement AS post
    WHERE
        post.kind_group IS NOT NULL
        AND post.creator_key IN (SELECT compared.creator_key FROM stage.compared_creators AS compared)
),

sum_up_sides AS (
    SELECT
        creator_key,
        platform,
        kind_group,
        is_branded,
        max(published_at) AS published_at,
        count(*) AS posts,
        count(er_followers) AS settled_posts,
        cast(avg(er_followers) AS DOUBLE) AS er_followers,
        cast(avg(er_views) AS DOUBLE) AS er_views
    FROM take_posts
    GROUP BY creator_key, platform, kind_group, is_branded
),

compare_posts AS (
    SELECT
        creator_key,
        platform,
        kind_group,
        max(published_at) AS published_at,
        cast(sum(posts) AS BIGINT) AS posts,
        cast(sum(CASE WHEN is_branded THEN posts ELSE 0 END) AS BIGINT) AS branded_posts,
        cast(sum(CASE WHEN is_branded THEN settled_posts ELSE 0 END) AS BIGINT) AS branded_settled_posts,
        cast(sum(CASE WHEN is_branded THEN 0 ELSE settled_posts END) AS BIGINT) AS own_settled_posts,
        max(CASE WHEN is_branded THEN er_followers END) AS er_followers_branded,
        max(CASE WHEN NOT is_branded THEN er_followers END) AS er_followers_own,
        max(CASE WHEN is_branded THEN er_views END) AS er_views_branded,
        max(CASE WHEN NOT is_branded THEN er_views END) AS er_views_own
    FROM sum_up_sides
    GROUP BY creator_key, platform, kind_group
),

rank_newest AS (
    SELECT
        engagement.creator_key,
        engagement.platform,
        engagement.kind_group,
        engagement.tier,
        row_number() OVER (
            PARTITION BY engagement.creator_key, engagement.platform, engagement.kind_group
            ORDER BY engagement.post_key DESC
        ) AS place
    FROM marts.post_engagement AS engagement
    INNER JOIN compare_posts AS compared
        ON
            engagement.creator_key = compared.creator_key
            AND engagement.platform = compared.platform
            AND engagement.kind_group = compared.kind_group
            AND engagement.published_at = compared.published_at
)

SELECT
    compared.creator_key,
    compared.platform,
    compared.kind_group,
    newest.tier,
    compared.posts,
    compared.branded_posts,
    cast(compared.branded_posts AS DOUBLE) / compared.posts AS branded_share,
    compared.branded_settled_posts,
    compared.own_settled_posts,
    compared.er_followers_branded,
    compared.er_followers_own,
    compared.er_views_branded,
    compared.er_views_own,
    compared.er_followers_branded / nullif(compared.er_followers_own, 0) AS er_followers_ratio,
    compared.er_views_branded / nullif(compared.er_views_own, 0) AS er_views_ratio
FROM compare_posts AS compared
INNER JOIN rank_newest AS newest
    ON
        compared.creator_key = newest.creator_key
        AND compared.platform = newest.platform
        AND compared.kind_group = newest.kind_group
        AND newest.place = 1
