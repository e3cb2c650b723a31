"""TikTok Studio: content, follower history, and their siblings; the Display API's list of videos.

Dates have no year and are in the UI's language; a video's instant comes from its id, whose upper 32 bits are
Unix seconds. A history's years follow from its last day, which is the day of the export.
"""

from __future__ import annotations

from creator_tiers.exports.source import (
    FOLDER_HANDLE,
    POST_KEY,
    DateField,
    Format,
    Output,
    Reject,
    Rows,
    handle_sql,
)

_VIDEO_ID = "nullif(regexp_extract(t.permalink, '/(?:video|photo)/(\\d{15,20})', 1), '')"
_SECONDS = f"CAST(CAST({_VIDEO_ID} AS HUGEINT) // 4294967296 AS BIGINT)"
_PUBLISHED = f"CAST(make_timestamp({_SECONDS} * 1000000) AS TIMESTAMP)"
_LINK_HANDLE = "nullif(regexp_extract(t.permalink, 'tiktok\\.com/@([^/?]+)', 1), '')"
_ACCOUNT = handle_sql("getvariable('handle')", _LINK_HANDLE)

_EXPORT_DAY = f"""(
    SELECT CASE
        WHEN written_year IS NOT NULL THEN checked_date(written_year, written_month, written_day)
        WHEN checked_date(year(newest), written_month, written_day) >= newest
            THEN checked_date(year(newest), written_month, written_day)
        ELSE checked_date(year(newest) + 1, written_month, written_day)
    END + TIME '23:59:59'
    FROM (
        SELECT
            CAST(max({_PUBLISHED}) AS DATE) AS newest,
            mode(CASE WHEN NOT is_iso_date(t.time) THEN named_year(t.time) END) AS written_year,
            mode(named_month(t.time)) AS written_month, mode(named_day(t.time)) AS written_day
        FROM texts AS t
    )
)"""
"""The export's day (`Time`): in the first year in which it is not before the newest video.

A spreadsheet that made a date of `July 16` took the year of that day for it: it is not believed.
"""

TIKTOK_CONTENT = Format(
    name="tiktok_studio_content",
    family="tiktok_content",
    platform="tiktok",
    recognises=lambda m: (
        m.has("permalink") and (m.has("post_time") or m.has("time", "views") or m.has("title", "views"))
    ),
    rows=Rows(
        required=("permalink", "views"),
        counts=("likes", "comments", "shares", "views"),
        texts=("title",),
        rejects=(
            Reject("missing_post_id", "permalink", "t.permalink IS NULL"),
            Reject("unusable_id", "permalink", f"{_VIDEO_ID} IS NULL OR {_SECONDS} < 1388534400"),
            Reject("not_a_handle", "permalink", f"{_ACCOUNT} IS NULL"),
        ),
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": f"concat('tiktok:', {_VIDEO_ID})",
                    "account_key": f"concat('tiktok:', {_ACCOUNT})",
                    "kind": "CASE WHEN t.permalink LIKE '%/photo/%' THEN 'carousel' ELSE 'video' END",
                    "published_at": _PUBLISHED,
                    "caption": "t.title",
                    "permalink": "t.permalink",
                    "views": "v.views",
                    "likes": "v.likes",
                    "comments": "v.comments",
                    "shares": "v.shares",
                },
                duplicate_key=POST_KEY,
            ),
        ),
        redundant=("post_time",),
        anchor=_EXPORT_DAY,
        anchor_is_observation=True,
    ),
)

_API_ID = f"coalesce(CASE WHEN regexp_full_match(t.post_id, '\\d{{15,20}}') THEN t.post_id END, {_VIDEO_ID})"
_API_ACCOUNT = handle_sql(_LINK_HANDLE, "t.account_username", "getvariable('handle')")
_UNIX_SECONDS = """CAST(CASE
    WHEN regexp_full_match({0}, '\\d{{9,10}}') THEN make_timestamp(CAST({0} AS BIGINT) * 1000000)
END AS TIMESTAMP)"""

TIKTOK_DISPLAY = Format(
    name="tiktok_display_api",
    family="tiktok_display_api",
    platform="tiktok",
    recognises=lambda m: m.has("post_id", "published") and (m.has("views") or m.has("permalink")),
    rows=Rows(
        required=("post_id", "published"),
        counts=("likes", "comments", "shares", "views"),
        durations=("duration",),
        dates={"published": DateField(native=_UNIX_SECONDS)},
        texts=("title", "caption", "account_username"),
        rejects=(
            Reject("missing_post_id", "post_id", "coalesce(t.post_id, t.permalink) IS NULL"),
            Reject("unusable_id", "post_id", f"{_API_ID} IS NULL"),
            Reject("not_a_handle", "permalink", f"{_API_ACCOUNT} IS NULL"),
        ),
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": f"concat('tiktok:', {_API_ID})",
                    "account_key": f"concat('tiktok:', {_API_ACCOUNT})",
                    "kind": "CASE WHEN t.permalink LIKE '%/photo/%' THEN 'carousel' ELSE 'video' END",
                    "published_at": "v.published",
                    "caption": "coalesce(t.title, t.caption)",
                    "permalink": "t.permalink",
                    "duration_seconds": "v.duration",
                    "views": "v.views",
                    "likes": "v.likes",
                    "comments": "v.comments",
                    "shares": "v.shares",
                },
                duplicate_key=POST_KEY,
            ),
        ),
    ),
)
"""`id`, `create_time` (Unix seconds) and counts of the API's video objects; the account is the address's."""

_LAST_DAY = """(
    SELECT CASE
        WHEN checked_date(year(known), last_month, last_day) <= known
            THEN checked_date(year(known), last_month, last_day)
        ELSE checked_date(year(known) - 1, last_month, last_day)
    END + TIME '23:59:59'
    FROM (
        SELECT
            CAST(getvariable('known_at') AS DATE) AS known,
            arg_max(named_month(t.date), t.row_number) AS last_month,
            arg_max(named_day(t.date), t.row_number) AS last_day
        FROM texts AS t
    )
)"""
"""The history's last day: in the last year in which it is not after the file."""

_DAY = "history_day(t.date, CAST(getvariable('anchor') AS DATE))"

TIKTOK_FOLLOWERS = Format(
    name="tiktok_follower_history",
    family="tiktok_follower_history",
    platform="tiktok",
    recognises=lambda m: m.has("date", "followers", "difference"),
    rows=Rows(
        required=("date", "followers"),
        counts=("followers",),
        ignore="t.followers IS NULL",
        rejects=(Reject("bad_date", "date", f"{_DAY} IS NULL"),),
        outputs=(
            Output(
                dataset="follower_observations",
                columns={
                    "account_key": f"concat('tiktok:', {FOLDER_HANDLE})",
                    "observed_on": _DAY,
                    "followers": "v.followers",
                },
                duplicate_key=("account_key", "observed_on"),
                conflicts="rejected",
            ),
        ),
        redundant=("difference",),
        anchor=_LAST_DAY,
        needs_account=True,
    ),
)

TIKTOK_OVERVIEW = Format(
    name="tiktok_overview",
    family="tiktok_overview",
    platform="tiktok",
    recognises=lambda m: m.has("date", "views", "profile_views"),
    treatment="ignored",
    reason="daily totals of the account, not posts; Content.csv beside it has the posts",
)

TIKTOK_OTHER = Format(
    name="tiktok_other",
    family="tiktok_other",
    platform="tiktok",
    recognises=lambda m: bool(m.fields) and len(m.unknown) <= 2,
    treatment="ignored",
    reason="statistics of viewers and followers, not posts; Content.csv beside it has the posts",
)
