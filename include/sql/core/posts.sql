-- Parameter: $described_since (nothing was observed of the described posts before it).
-- Of a post with one version there is nothing to choose.
WITH find_repeated AS (
    SELECT versions.post_key
    FROM core.post_versions AS versions
    INNER JOIN stage.described_posts AS described ON versions.post_key = described.post_key
    WHERE versions.first_observed_at >= $described_since
    GROUP BY versions.post_key
    HAVING count(*) > 1
),

rank_versions AS (
    SELECT
        versions.*,
        row_number() OVER (
            PARTITION BY versions.post_key
            ORDER BY
                versions.observed_at DESC, versions.file_id DESC, versions.row_number DESC,
                versions.account_key ASC
        ) AS recency
    FROM core.post_versions AS versions
    INNER JOIN find_repeated AS repeated ON versions.post_key = repeated.post_key
    WHERE versions.first_observed_at >= $described_since
),

find_latest_known AS (
    SELECT
        post_key,
        min(CASE WHEN published_at IS NOT NULL THEN recency END) AS published_at_recency,
        min(CASE WHEN caption IS NOT NULL THEN recency END) AS caption_recency,
        min(CASE WHEN permalink IS NOT NULL THEN recency END) AS permalink_recency,
        min(CASE WHEN duration_seconds IS NOT NULL THEN recency END) AS duration_recency,
        min(CASE WHEN has_branded_label IS NOT NULL THEN recency END) AS label_recency
    FROM rank_versions
    GROUP BY post_key
),

-- A disclosure stands in a caption, so it is as old as the caption that counts.
take_latest_known AS (
    SELECT
        versions.post_key,
        max(CASE WHEN versions.recency = 1 THEN versions.platform END) AS platform,
        max(CASE WHEN versions.recency = 1 THEN versions.account_key END) AS account_key,
        max(CASE WHEN versions.recency = 1 THEN versions.kind END) AS exported_kind,
        max(CASE WHEN versions.recency = latest.published_at_recency THEN versions.published_at END) AS published_at,
        max(CASE WHEN versions.recency = latest.caption_recency THEN versions.caption END) AS caption,
        max(CASE WHEN versions.recency = latest.permalink_recency THEN versions.permalink END) AS permalink,
        max(CASE WHEN versions.recency = latest.duration_recency THEN versions.duration_seconds END)
            AS duration_seconds,
        max(CASE WHEN versions.recency = latest.label_recency AND versions.has_branded_label THEN 'label' END)
            AS label_evidence,
        min(versions.first_observed_at) AS first_observed_at,
        max(CASE WHEN versions.recency = latest.caption_recency AND versions.has_disclosure THEN 'disclosure' END)
            AS disclosure_evidence
    FROM rank_versions AS versions
    INNER JOIN find_latest_known AS latest ON versions.post_key = latest.post_key
    GROUP BY versions.post_key
    UNION ALL
    SELECT
        versions.post_key,
        versions.platform,
        versions.account_key,
        versions.kind AS exported_kind,
        versions.published_at,
        versions.caption,
        versions.permalink,
        versions.duration_seconds,
        CASE WHEN versions.has_branded_label THEN 'label' END AS label_evidence,
        versions.first_observed_at,
        CASE WHEN versions.has_disclosure AND versions.caption IS NOT NULL THEN 'disclosure' END AS disclosure_evidence
    FROM core.post_versions AS versions
    INNER JOIN stage.described_posts AS described ON versions.post_key = described.post_key
    LEFT JOIN find_repeated AS repeated ON versions.post_key = repeated.post_key
    WHERE
        repeated.post_key IS NULL
        AND versions.first_observed_at >= $described_since
),

-- One export may lack the duration that another one has.
tell_kinds AS (
    SELECT
        *,
        CASE
            WHEN platform <> 'youtube' OR exported_kind NOT IN ('video', 'short') OR duration_seconds IS NULL
                THEN exported_kind
            WHEN duration_seconds <= 60 THEN 'short'
            WHEN duration_seconds <= 180 AND published_at >= TIMESTAMP '2024-10-15 00:00:00' THEN 'short'
            ELSE 'video'
        END AS kind
    FROM take_latest_known
),

find_contracts AS (
    SELECT DISTINCT
        post_key,
        'contract' AS contract_evidence
    FROM core.placement_posts
),

join_evidence AS (
    SELECT
        kinds.*,
        nullif(
            concat_ws('+', kinds.label_evidence, kinds.disclosure_evidence, contracts.contract_evidence), ''
        ) AS branded_evidence
    FROM tell_kinds AS kinds
    LEFT JOIN find_contracts AS contracts ON kinds.post_key = contracts.post_key
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
    branded_evidence IS NOT NULL AS is_branded,
    branded_evidence,
    first_observed_at
FROM join_evidence
