WITH find_previous AS (
    SELECT
        counts.account_key,
        counts.observed_on,
        counts.followers,
        counts.file_id,
        counts.row_number,
        lag(counts.observed_on) OVER (PARTITION BY counts.account_key ORDER BY counts.observed_on)
            AS previous_observed_on,
        lag(counts.followers) OVER (PARTITION BY counts.account_key ORDER BY counts.observed_on) AS previous
    FROM core.follower_counts AS counts
    WHERE counts.account_key IN (SELECT observed.account_key FROM stage.observed_follower_days AS observed)
),

measure_changes AS (
    SELECT
        *,
        cast(followers - previous AS DOUBLE)
        / nullif(previous, 0)
        / date_diff('day', previous_observed_on, observed_on) AS change_per_day
    FROM find_previous
    WHERE previous_observed_on IS NOT NULL
)

SELECT
    account_key,
    observed_on,
    previous_observed_on,
    previous,
    followers,
    change_per_day,
    file_id,
    row_number
FROM measure_changes
WHERE abs(change_per_day) > 0.5
