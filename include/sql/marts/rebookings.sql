WITH take_bookings AS (
    SELECT
        conversions.campaign_key,
        conversions.creator_key,
        campaigns.brand,
        campaigns.starts_on,
        coalesce(campaigns.ends_on, campaigns.starts_on) AS ends_on,
        max(tiers.rank) AS tier_rank,
        max(CASE WHEN placements.has_agent THEN 1 WHEN NOT placements.has_agent THEN 0 END) AS agents
    FROM marts.campaign_conversions AS conversions
    INNER JOIN core.campaigns AS campaigns ON conversions.campaign_key = campaigns.campaign_key
    INNER JOIN core.placements AS placements ON conversions.placement_key = placements.placement_key
    LEFT JOIN seeds.tiers AS tiers ON tiers.scheme = $scheme AND conversions.tier = tiers.tier
    GROUP BY
        conversions.campaign_key,
        conversions.creator_key,
        campaigns.brand,
        campaigns.starts_on,
        campaigns.ends_on
),

rank_later AS (
    SELECT
        bookings.campaign_key,
        bookings.creator_key,
        later.campaign_key AS next_campaign_key,
        CASE
            WHEN later.starts_on <= bookings.ends_on THEN 0
            ELSE date_diff('day', bookings.ends_on, later.starts_on)
        END AS days_to_next,
        row_number() OVER (
            PARTITION BY bookings.campaign_key, bookings.creator_key
            ORDER BY later.starts_on, later.campaign_key
        ) AS place
    FROM take_bookings AS bookings
    INNER JOIN take_bookings AS later
        ON
            bookings.creator_key = later.creator_key
            AND bookings.brand = later.brand
            AND bookings.starts_on < later.starts_on
)

SELECT
    bookings.campaign_key,
    bookings.creator_key,
    bookings.brand,
    tiers.tier,
    bookings.ends_on,
    later.next_campaign_key,
    later.days_to_next,
    CASE
        WHEN later.days_to_next <= 180 THEN TRUE
        WHEN date_diff('day', bookings.ends_on, cast(clocks.judged_at AS DATE)) > 180 THEN FALSE
    END AS is_rebooked,
    CASE WHEN bookings.agents IS NOT NULL THEN bookings.agents = 1 END AS has_agent
FROM take_bookings AS bookings
INNER JOIN marts.campaign_clocks AS clocks ON bookings.campaign_key = clocks.campaign_key
LEFT JOIN seeds.tiers AS tiers ON tiers.scheme = $scheme AND bookings.tier_rank = tiers.rank
LEFT JOIN rank_later AS later
    ON
        bookings.campaign_key = later.campaign_key
        AND bookings.creator_key = later.creator_key
        AND later.place = 1
