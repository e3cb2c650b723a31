WITH keep_known AS (
    SELECT versions.*
    FROM core.post_versions AS versions
    INNER JOIN stage.observed_posts AS observed ON versions.post_key = observed.post_key
),

add_received AS (
    SELECT
        post_key,
        platform,
        account_key,
        kind,
        published_at,
        caption,
        permalink,
        duration_seconds,
        has_branded_label,
        has_disclosure,
        observed_at,
        file_id,
        row_number
    FROM keep_known
    UNION ALL
    SELECT
        post_key,
        platform,
        account_key,
        kind,
        published_at,
        caption,
        permalink,
        duration_seconds,
        has_branded_label,
        has_disclosure,
        observed_at,
        file_id,
        row_number
    FROM stage.post_observations
),

number_equals AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY
                post_key, platform, account_key, kind, published_at, caption, permalink, duration_seconds,
                has_branded_label, has_disclosure
            ORDER BY observed_at DESC, file_id DESC, row_number DESC
        ) AS place
    FROM add_received
)

SELECT
    post_key,
    platform,
    account_key,
    kind,
    published_at,
    caption,
    permalink,
    duration_seconds,
    has_branded_label,
    has_disclosure,
    observed_at,
    file_id,
    row_number
FROM number_equals
WHERE place = 1
