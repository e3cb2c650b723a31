-- Means are taken of decimals: a sum of floats depends on the order of its parts, a table must not.
WITH rank_posts AS (
    SELECT
        engagement.*,
        row_number() OVER (
            PARTITION BY engagement.account_key, engagement.week_start, engagement.kind
            ORDER BY engagement.published_at DESC, engagement.post_key DESC
        ) AS recency
    FROM marts.post_engagement AS engagement
    INNER JOIN stage.changed_cells AS changed
        ON
            engagement.account_key = changed.account_key
            AND engagement.week_start = changed.week_start
            AND engagement.kind = changed.kind
)

SELECT
    week_start,
    account_key,
    max(creator_key) AS creator_key,
    max(platform) AS platform,
    kind,
    max(CASE WHEN recency = 1 THEN tier END) AS tier,
    max(CASE WHEN recency = 1 THEN followers_at_post END) AS followers_at_post,
    count(*) AS posts,
    count(*) FILTER (WHERE is_branded) AS branded_posts,
    cast(sum(engagements_core_latest) AS BIGINT) AS engagements_core,
    cast(sum(engagements_full_latest) AS BIGINT) AS engagements_full,
    cast(sum(views_latest) AS BIGINT) AS views,
    cast(sum(reach_latest) AS BIGINT) AS reach,
    cast(avg(cast(er_followers_d7 AS DECIMAL(38, 18))) AS DOUBLE) AS er_followers_d7,
    cast(avg(cast(er_reach_d7 AS DECIMAL(38, 18))) AS DOUBLE) AS er_reach_d7,
    cast(avg(cast(er_views_d7 AS DECIMAL(38, 18))) AS DOUBLE) AS er_views_d7,
    cast(avg(cast(er_views_d28 AS DECIMAL(38, 18))) AS DOUBLE) AS er_views_d28,
    cast(avg(cast(er_followers_settled AS DECIMAL(38, 18))) AS DOUBLE) AS er_followers_settled,
    cast(avg(cast(er_reach_settled AS DECIMAL(38, 18))) AS DOUBLE) AS er_reach_settled,
    cast(avg(cast(er_views_settled AS DECIMAL(38, 18))) AS DOUBLE) AS er_views_settled,
    count(age_days_settled) = count(*) AS is_final,
    count(age_days_settled) AS settled_posts
FROM rank_posts
GROUP BY account_key, week_start, kind
