-- The tier is that of the newest post, found without ordering all posts of a creator.
WITH compare_posts AS (
    SELECT
        post.creator_key,
        post.platform,
        post.kind_group,
        max(post.published_at) AS published_at,
        count(*) AS posts,
        count(*) FILTER (WHERE post.is_branded) AS branded_posts,
        count(post.er_followers_settled) FILTER (WHERE post.is_branded) AS branded_settled_posts,
        count(post.er_followers_settled) FILTER (WHERE NOT post.is_branded) AS own_settled_posts,
        cast(
            avg(CASE WHEN post.is_branded THEN cast(post.er_followers_settled AS DECIMAL(38, 18)) END) AS DOUBLE
        ) AS er_followers_branded,
        cast(
            avg(CASE WHEN NOT post.is_branded THEN cast(post.er_followers_settled AS DECIMAL(38, 18)) END) AS DOUBLE
        ) AS er_followers_own,
        cast(
            avg(CASE WHEN post.is_branded THEN cast(post.er_views_settled AS DECIMAL(38, 18)) END) AS DOUBLE
        ) AS er_views_branded,
        cast(
            avg(CASE WHEN NOT post.is_branded THEN cast(post.er_views_settled AS DECIMAL(38, 18)) END) AS DOUBLE
        ) AS er_views_own
    FROM marts.post_engagement AS post
    INNER JOIN stage.compared_creators AS compared ON post.creator_key = compared.creator_key
    WHERE post.kind_group IS NOT NULL
    GROUP BY post.creator_key, post.platform, post.kind_group
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
