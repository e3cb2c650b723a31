-- Parameters: $attribution_days.
WITH measure_reports AS (
    SELECT DISTINCT
        property,
        day,
        dimensions,
        length(dimensions) - length(replace(dimensions, '+', '')) AS fineness
    FROM core.web_sessions
),

rank_reports AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY property, day ORDER BY fineness DESC, dimensions ASC) AS place
    FROM measure_reports
),

match_links AS (
    SELECT
        sessions.session_key,
        sessions.day,
        sessions.sessions,
        links.placement_key,
        campaigns.starts_on,
        CASE WHEN campaigns.ends_on IS NULL OR sessions.day <= campaigns.ends_on THEN 0 ELSE 1 END AS is_over,
        CASE WHEN links.utm_source IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_medium IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_campaign IS NULL THEN 0 ELSE 1 END
        + CASE WHEN links.utm_content IS NULL THEN 0 ELSE 1 END AS likeness
    FROM core.web_sessions AS sessions
    INNER JOIN rank_reports AS reports
        ON
            sessions.property = reports.property
            AND sessions.day = reports.day
            AND sessions.dimensions = reports.dimensions
            AND reports.place = 1
    INNER JOIN core.placement_links AS links
        ON
            (links.utm_source IS NULL OR lower(links.utm_source) = lower(sessions.source))
            AND (links.utm_medium IS NULL OR lower(links.utm_medium) = lower(sessions.medium))
            AND (links.utm_campaign IS NULL OR lower(links.utm_campaign) = lower(sessions.campaign))
            AND (links.utm_content IS NULL OR lower(links.utm_content) = lower(sessions.content))
    INNER JOIN core.placements AS placements ON links.placement_key = placements.placement_key
    INNER JOIN core.campaigns AS campaigns ON placements.campaign_key = campaigns.campaign_key
    WHERE
        sessions.day >= campaigns.starts_on
        AND (campaigns.ends_on IS NULL OR date_diff('day', campaigns.ends_on, sessions.day) <= $attribution_days)
),

rank_matches AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY session_key
            ORDER BY likeness DESC, is_over ASC, starts_on DESC, placement_key ASC
        ) AS place
    FROM match_links
)

SELECT
    placement_key,
    day,
    cast(sum(coalesce(sessions, 0)) AS BIGINT) AS clicks
FROM rank_matches
WHERE place = 1
GROUP BY placement_key, day
