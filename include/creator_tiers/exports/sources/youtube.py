"""YouTube Studio, advanced mode: the table of videos, and its siblings in the same archive; the Data API's videos.

Studio's dates are English in every language and have no time: 00:00 UTC.
"""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped
from creator_tiers.exports.source import FOLDER_HANDLE, POST_KEY, DateField, Format, Output, Reject, Rows

_ID = "[A-Za-z0-9_-]{11}"
_CONTENT = "ltrim(t.content, '''')"
"""The id without the apostrophe that keeps a spreadsheet from making a formula of `-abc`."""
_IS_ID = f"regexp_full_match({_CONTENT}, '{_ID}')"
_OTHERS_BLANK = "t.title IS NULL AND t.published IS NULL"

_KIND = """CASE
    WHEN v.duration = 0 THEN 'video'
    WHEN v.duration <= 60 OR (v.duration <= 180 AND v.published >= TIMESTAMP '2024-10-15') THEN 'short'
    ELSE 'video'
END"""
"""YouTube raised the limit of a Short from 60 to 180 seconds on 2024-10-15."""

_IS_LIFETIME = """coalesce(
    getvariable('period_start') IS NULL OR v.published >= CAST(getvariable('period_start') AS TIMESTAMP), false
)"""
"""The numbers are the chosen period's: a video's whole life only when it was published inside it."""

YOUTUBE_TABLE = Format(
    name="youtube_studio_table",
    family="youtube",
    platform="youtube",
    recognises=lambda m: m.has("content") and not m.has("date") and (m.has("title") or m.has("published")),
    rows=Rows(
        required=("content",),
        counts=("views", "likes", "comments", "shares", "follows", "impressions"),
        may_be_negative=("likes", "shares", "follows"),
        durations=("duration",),
        dates={"published": DateField(native="try_strptime({0}, '%b %d, %Y')")},
        texts=("title", "content"),
        ignore=f"NOT {_IS_ID} AND {_OTHERS_BLANK} AND (is_total(t.content) OR filled_cells <= 1)",
        rejects=(
            Reject("missing_post_id", "content", "t.content IS NULL"),
            Reject("unusable_id", "content", f"NOT {_IS_ID}"),
        ),
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": f"concat('youtube:', {_CONTENT})",
                    "account_key": f"concat('youtube:', {FOLDER_HANDLE})",
                    "kind": _KIND,
                    "published_at": "v.published",
                    "caption": "t.title",
                    "permalink": f"concat('https://www.youtube.com/watch?v=', {_CONTENT})",
                    "duration_seconds": "v.duration",
                    "views": "v.views",
                    "impressions": "v.impressions",
                    "likes": "v.likes",
                    "comments": "v.comments",
                    "shares": "v.shares",
                    "follows": "v.follows",
                    "is_lifetime": _IS_LIFETIME,
                },
                duplicate_key=POST_KEY,
            ),
        ),
        needs_account=True,
    ),
)

YOUTUBE_DATA = Format(
    name="youtube_data_api",
    family="youtube_data_api",
    platform="youtube",
    recognises=lambda m: m.has("content") and (m.has("published") or m.has("views")),
    rows=Rows(
        required=("content", "published"),
        counts=("views", "likes", "comments"),
        durations=("duration",),
        dates={"published": DateField()},
        texts=("title", "content", "account_name"),
        rejects=(
            Reject("missing_post_id", "content", "t.content IS NULL"),
            Reject("unusable_id", "content", f"NOT {_IS_ID}"),
        ),
        flags={"hidden_likes": "t.views IS NOT NULL AND t.likes IS NULL"},
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": f"concat('youtube:', {_CONTENT})",
                    "account_key": f"concat('youtube:', {FOLDER_HANDLE})",
                    "account_id": "t.account_id",
                    "account_name": "t.account_name",
                    "kind": _KIND,
                    "published_at": "v.published",
                    "caption": "t.title",
                    "permalink": f"concat('https://www.youtube.com/watch?v=', {_CONTENT})",
                    "duration_seconds": "v.duration",
                    "has_branded_label": "try_cast(t.has_paid_placement AS BOOLEAN)",
                    "views": "v.views",
                    "likes": "v.likes",
                    "comments": "v.comments",
                },
                duplicate_key=POST_KEY,
            ),
        ),
        needs_account=True,
    ),
)
"""`videos.list`: lifetime counts. A count that its owner hides is absent: NULL."""

YOUTUBE_CHART = Format(
    name="youtube_chart",
    family="youtube",
    platform="youtube",
    recognises=lambda m: m.has("date", "content"),
    treatment="ignored",
    reason="the chart's daily values; the table of videos in the same export is what is read",
)


def _is_totals(mapped: Mapped) -> bool:
    return mapped.fields.get("date") == 0 and not mapped.has("content") and len(mapped.fields) > 1


YOUTUBE_TOTALS = Format(
    name="youtube_totals",
    family="youtube",
    platform="youtube",
    recognises=_is_totals,
    treatment="ignored",
    reason="daily totals of the channel; the table of videos in the same export is what is read",
)

YOUTUBE_OTHER = Format(
    name="youtube_other_table",
    family="youtube",
    platform="youtube",
    recognises=lambda m: m.fields.get("other_dimension") == 0 and len(m.fields) > 1,
    treatment="refused",
    reason="a table by another dimension than the video; choose the tab Content in advanced mode and export again",
)
