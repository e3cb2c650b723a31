"""Meta Business Suite: content exports of Instagram and Facebook.

Publish times are US Pacific wall-clock time, whatever the account's country or the language of the export.
"""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped
from creator_tiers.exports.source import POST_KEY, DateField, Format, Output, Reject, Rows, handle_sql

_IS_STORY = ("replies", "navigation", "sticker_taps")
_COUNTS = ("views", "impressions", "reach", "likes", "reactions", "comments", "shares", "saves", "follows")
_PACIFIC = DateField(
    zone="America/Los_Angeles",
    native=(
        "CASE WHEN regexp_full_match({0}, '\\d{{2}}/\\d{{2}}/\\d{{4}} \\d{{2}}:\\d{{2}}')"
        " THEN try_strptime({0}, '%m/%d/%Y %H:%M') END"
    ),
    native_order="mdy",
    native_shape="/4",
)

_IGNORE_DAILY = "regexp_full_match(t.date, '(?s).*\\d.*')"
"""A row of one day beside the post's total: its `Date` is a day, the total's is a word.

A full match, for DuckDB asks that once a value of a column of few, but `regexp_matches` of every row.
"""


def _rows(platform: str, account: str, likes: str, required: tuple[str, ...], kind: str) -> Rows:
    post_key = f"concat_key('{platform}', post_id_of(t.post_id, t.permalink))"
    return Rows(
        required=required,
        counts=_COUNTS,
        durations=("duration",),
        dates={"published": _PACIFIC},
        texts=("caption", "title", "account_name", "page_name", "account_username", "data_comment", "date"),
        ignore=_IGNORE_DAILY,
        rejects=(
            Reject("missing_post_id", "data_comment", "t.post_id IS NULL"),
            Reject("unusable_id", "post_id", f"{post_key} IS NULL"),
            Reject("not_a_handle", "account_username", f"{account} IS NULL"),
        ),
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": post_key,
                    "account_key": f"concat('{platform}:', {account})",
                    "account_id": "coalesce(t.page_id, t.account_id)",
                    "account_name": "coalesce(t.page_name, t.account_name)",
                    "kind": kind,
                    "published_at": "v.published",
                    "caption": "coalesce(t.caption, t.title)",
                    "permalink": "t.permalink",
                    "duration_seconds": "v.duration",
                    "views": "v.views",
                    "impressions": "v.impressions",
                    "reach": "v.reach",
                    "likes": likes,
                    "comments": "v.comments",
                    "shares": "v.shares",
                    "saves": "v.saves",
                    "follows": "v.follows",
                },
                duplicate_key=POST_KEY,
            ),
        ),
    )


_ACCOUNT = handle_sql("t.account_username", "getvariable('handle')")
_PAGE = handle_sql("getvariable('handle')", "t.page_name", "t.account_name")
_INSTAGRAM_REQUIRED = ("post_id", "account_username", "published", "kind")
_KIND = "coalesce(kind_of(t.kind), 'other')"


def _is_meta(mapped: Mapped) -> bool:
    known = ("post_id", "published", "permalink", "kind", "data_comment", "account_username")
    return sum(mapped.has(name) for name in known) >= 3


def _is_page(mapped: Mapped) -> bool:
    return _is_meta(mapped) and any(mapped.has(name) for name in ("reactions", "page_id", "page_name"))


def _is_stories(mapped: Mapped) -> bool:
    return _is_meta(mapped) and any(mapped.has(name) for name in _IS_STORY) and not mapped.has("saves")


FACEBOOK_POSTS = Format(
    name="facebook_meta_posts",
    family="meta",
    platform="facebook",
    recognises=_is_page,
    rows=_rows("facebook", _PAGE, "v.reactions", ("post_id", "published"), _KIND),
)

INSTAGRAM_STORIES = Format(
    name="instagram_meta_stories",
    family="meta",
    platform="instagram",
    recognises=_is_stories,
    rows=_rows("instagram", _ACCOUNT, "v.likes", _INSTAGRAM_REQUIRED, "coalesce(kind_of(t.kind), 'story')"),
)

INSTAGRAM_POSTS = Format(
    name="instagram_meta_posts",
    family="meta",
    platform="instagram",
    recognises=_is_meta,
    rows=_rows("instagram", _ACCOUNT, "v.likes", _INSTAGRAM_REQUIRED, _KIND),
)

PAGE_METRICS = Format(
    name="meta_page_metrics",
    family="meta",
    recognises=lambda _: False,
    treatment="refused",
    reason="daily totals of a page or profile, not posts; export Content > Posts from Meta Business Suite instead",
    head=lambda text: text.lower().startswith("sep="),
)
