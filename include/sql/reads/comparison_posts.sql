-- The posts that a week's comparison may use: of a kind that is compared, with a settled observation. Those without
-- a tier are in no arm; they tell an input that is missing from one that says nothing. The niche is the creator's
-- latest known one; a post is boosted when money went into boosting a placement of it (NULL: nobody knows).
WITH find_boosts AS (
    SELECT
        links.post_key,
        max(CASE WHEN placements.boost_spend > 0 THEN 1 ELSE 0 END) AS boosted,
        max(CASE WHEN placements.boost_spend IS NULL THEN 1 ELSE 0 END) AS unknown
    FROM core.placement_posts AS links
    INNER JOIN core.placements AS placements ON links.placement_key = placements.placement_key
    GROUP BY links.post_key
)

SELECT
    posts.post_key,
    posts.creator_key,
    posts.account_key,
    posts.platform,
    posts.kind,
    posts.kind_group,
    posts.tier,
    creators.niche,
    posts.is_branded,
    CASE WHEN boosts.boosted = 1 THEN TRUE WHEN boosts.unknown = 1 THEN NULL ELSE FALSE END AS is_boosted,
    posts.followers_at_post,
    posts.followers_flag,
    posts.engagements_core_settled,
    posts.reach_settled,
    posts.views_settled,
    posts.er_followers_settled,
    posts.er_reach_settled,
    posts.er_views_settled,
    posts.published_at
FROM marts.post_engagement AS posts
LEFT JOIN core.creators AS creators ON posts.creator_key = creators.creator_key
LEFT JOIN find_boosts AS boosts ON posts.post_key = boosts.post_key
WHERE posts.kind_group IS NOT NULL AND posts.age_days_settled IS NOT NULL
ORDER BY posts.post_key
