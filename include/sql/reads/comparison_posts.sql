-- The posts that a week's comparison may use: of a kind that is compared, with a settled observation. Those without
-- a tier are in no arm; they tell an input that is missing from one that says nothing.
SELECT
    post_key,
    creator_key,
    account_key,
    platform,
    kind_group,
    tier,
    is_branded,
    followers_at_post,
    followers_flag,
    engagements_core_settled,
    reach_settled,
    views_settled,
    er_followers_settled,
    er_reach_settled,
    er_views_settled,
    published_at
FROM marts.post_engagement
WHERE kind_group IS NOT NULL AND age_days_settled IS NOT NULL
ORDER BY post_key
