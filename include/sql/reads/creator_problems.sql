-- Accounts that the audits name, and how often, before $as_of: what to talk to a creator about, or to look up first.
WITH name_placements AS (
    SELECT
        placement_key,
        account_key
    FROM core.placements
),

collect_problems AS (
    SELECT
        account_key,
        'post without disclosure' AS problem,
        post_key AS subject
    FROM marts.undisclosed_posts
    WHERE published_at IS NULL OR published_at < $as_of
    UNION ALL
    SELECT
        placements.account_key,
        'day on which the code seems to have leaked' AS problem,
        cast(suspects.day AS TEXT) || suspects.code AS subject
    FROM marts.leak_suspects AS suspects
    INNER JOIN name_placements AS placements ON suspects.placement_key = placements.placement_key
    WHERE suspects.day < cast($as_of AS DATE)
    UNION ALL
    SELECT
        placements.account_key,
        'order claimed by another creator too' AS problem,
        contested.order_key AS subject
    FROM marts.contested_orders AS contested
    INNER JOIN name_placements AS placements ON contested.placement_key = placements.placement_key
    WHERE contested.ordered_at < $as_of
    UNION ALL
    SELECT
        account_key,
        'jump of the follower count' AS problem,
        cast(observed_on AS TEXT) AS subject
    FROM marts.follower_jumps
    WHERE observed_on < cast($as_of AS DATE)
    UNION ALL
    SELECT
        account_key,
        'change of handle' AS problem,
        previous_account_key AS subject
    FROM marts.handle_changes
    WHERE first_observed_at < $as_of
    UNION ALL
    SELECT
        posts.account_key,
        'post that lost half of a counter' AS problem,
        falls.post_key AS subject
    FROM marts.counter_falls AS falls
    INNER JOIN core.posts AS posts ON falls.post_key = posts.post_key
    WHERE falls.observed_at < $as_of AND falls.share_lost > 0.5
)

SELECT
    account_key,
    problem,
    count(DISTINCT subject) AS n
FROM collect_problems
GROUP BY account_key, problem
ORDER BY account_key, problem
