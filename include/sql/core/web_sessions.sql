WITH add_up_tables AS (
    SELECT
        session_key,
        min(day) AS day,
        min(property) AS property,
        min(source) AS source,
        min(medium) AS medium,
        min(campaign) AS campaign,
        min(content) AS content,
        cast(sum(sessions) AS BIGINT) AS sessions,
        cast(sum(users) AS BIGINT) AS users,
        min(dimensions) AS dimensions,
        min(observed_at) AS observed_at,
        min(file_id) AS file_id,
        max(row_number) AS row_number,
        load_key
    FROM stage.web_sessions
    GROUP BY session_key, load_key, block
),

add_known AS (
    SELECT
        session_key,
        day,
        property,
        source,
        medium,
        campaign,
        content,
        sessions,
        users,
        dimensions,
        observed_at,
        file_id,
        row_number,
        load_key
    FROM add_up_tables
    UNION ALL
    SELECT
        known.session_key,
        known.day,
        known.property,
        known.source,
        known.medium,
        known.campaign,
        known.content,
        known.sessions,
        known.users,
        known.dimensions,
        known.observed_at,
        known.file_id,
        known.row_number,
        known.load_key
    FROM core.web_sessions AS known
    INNER JOIN stage.observed_sessions AS observed ON known.session_key = observed.session_key
),

rank_counts AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY session_key
            ORDER BY observed_at DESC, file_id DESC, row_number DESC, load_key ASC
        ) AS recency
    FROM add_known
)

SELECT
    day,
    property,
    source,
    medium,
    campaign,
    content,
    sessions,
    users,
    dimensions,
    session_key,
    observed_at,
    file_id,
    row_number,
    load_key
FROM rank_counts
WHERE recency = 1
