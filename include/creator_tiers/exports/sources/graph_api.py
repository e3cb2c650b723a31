"""Instagram Graph API: media and insights, flattened to a table. Times are UTC."""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped
from creator_tiers.exports.source import POST_KEY, DateField, Format, Output, Reject, Rows, handle_sql

_ACCOUNT = handle_sql("t.account_username", "getvariable('handle')")

_KIND = """CASE
    WHEN upper(t.media_product_type) = 'STORY' THEN 'story'
    WHEN upper(t.media_product_type) = 'REELS' OR t.permalink LIKE '%/reel/%' THEN 'reel'
    WHEN upper(t.media_type) = 'CAROUSEL_ALBUM' THEN 'carousel'
    WHEN upper(t.media_type) = 'IMAGE' THEN 'image'
    WHEN upper(t.media_type) = 'VIDEO' THEN 'video'
    ELSE 'other'
END"""

_ISO = "CAST(try_strptime({0}, ['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%d %H:%M:%S%z']) AS TIMESTAMP)"

_LIKES = "CASE WHEN v.likes <> -1 AND NOT getvariable('likes_are_hidden') THEN v.likes END"
"""-1 and a constant 3 are how hidden likes show."""

_LEADS = ("post_id", "published", "media_type", "media_product_type", "permalink", "likes", "comments")


def _recognises(mapped: Mapped) -> bool:
    """Also without a column that it needs: `username` and `followers` alone would make it a list of creators."""
    is_whole = mapped.has("post_id", "published") and (
        mapped.has("media_type") or mapped.has("permalink", "likes")
    )
    return is_whole or sum(mapped.has(name) for name in _LEADS) >= 4


INSTAGRAM_GRAPH = Format(
    name="instagram_graph_api",
    family="instagram_graph_api",
    platform="instagram",
    recognises=_recognises,
    rows=Rows(
        required=("post_id", "published", "media_type"),
        counts=("likes", "comments", "reach", "impressions", "views", "saves", "shares", "followers"),
        may_be_negative=("likes",),
        hidden_counts=("likes",),
        dates={"published": DateField(native=_ISO)},
        texts=("caption", "account_username"),
        rejects=(
            Reject("missing_post_id", "post_id", "t.post_id IS NULL"),
            Reject(
                "unusable_id",
                "post_id",
                "post_id_of(t.post_id, t.permalink) IS NULL",
            ),
            Reject("not_a_handle", "account_username", f"{_ACCOUNT} IS NULL"),
            Reject("out_of_range", "likes", "v.likes < -1"),
        ),
        outputs=(
            Output(
                dataset="post_observations",
                columns={
                    "post_key": "concat('instagram:', post_id_of(t.post_id, t.permalink))",
                    "account_key": f"concat('instagram:', {_ACCOUNT})",
                    "kind": _KIND,
                    "published_at": "v.published",
                    "caption": "t.caption",
                    "permalink": "t.permalink",
                    "views": "v.views",
                    "impressions": "v.impressions",
                    "reach": "v.reach",
                    "likes": _LIKES,
                    "comments": "v.comments",
                    "shares": "v.shares",
                    "saves": "v.saves",
                },
                duplicate_key=POST_KEY,
            ),
            Output(
                dataset="follower_observations",
                columns={
                    "account_key": f"concat('instagram:', {_ACCOUNT})",
                    "observed_on": "CAST(getvariable('observed_at') AS DATE)",
                    "followers": "v.followers",
                },
                duplicate_key=("account_key", "observed_on"),
                where="v.followers IS NOT NULL",
            ),
        ),
    ),
)
