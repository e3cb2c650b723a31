-- Parameter: $observed_since (nothing was observed of the observed posts before it).
-- Equal versions are grouped, not sorted: what tells the newest is a number made of a file's place and the row in it.
WITH keep_known AS (
    SELECT versions.*
    FROM core.post_versions AS versions
    INNER JOIN stage.observed_posts AS observed ON versions.post_key = observed.post_key
    WHERE versions.first_observed_at >= $observed_since
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
        row_number,
        first_observed_at
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
        row_number,
        observed_at AS first_observed_at
    FROM stage.post_observations
),

list_files AS (
    SELECT
        observed_at,
        file_id
    FROM keep_known
    UNION
    SELECT
        observed_at,
        file_id
    FROM stage.post_observations
),

place_files AS (
    SELECT
        observed_at,
        file_id,
        row_number() OVER (ORDER BY observed_at, file_id) * 4294967296 AS first_place
    FROM list_files
),

find_newest AS (
    SELECT
        received.post_key,
        received.platform,
        received.account_key,
        received.kind,
        received.published_at,
        received.caption,
        received.permalink,
        received.duration_seconds,
        received.has_branded_label,
        received.has_disclosure,
        max(files.first_place + received.row_number) AS place,
        min(received.first_observed_at) AS first_observed_at
    FROM add_received AS received
    INNER JOIN place_files AS files
        ON received.observed_at = files.observed_at AND received.file_id = files.file_id
    GROUP BY
        received.post_key, received.platform, received.account_key, received.kind, received.published_at,
        received.caption, received.permalink, received.duration_seconds, received.has_branded_label,
        received.has_disclosure
)

SELECT
    newest.post_key,
    newest.platform,
    newest.account_key,
    newest.kind,
    newest.published_at,
    newest.caption,
    newest.permalink,
    newest.duration_seconds,
    newest.has_branded_label,
    newest.has_disclosure,
    files.observed_at,
    files.file_id,
    newest.place - files.first_place AS row_number,
    newest.first_observed_at
FROM find_newest AS newest
INNER JOIN place_files AS files ON newest.place - newest.place % 4294967296 = files.first_place
