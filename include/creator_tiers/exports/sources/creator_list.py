"""Creator lists and rosters: accounts with follower counts, under any tool's column names."""

from __future__ import annotations

from creator_tiers.exports.headers import Mapped
from creator_tiers.exports.source import Format, Output, Reject, Rows, handle_sql

HANDLE_FIELDS = (
    "handle",
    "username",
    "instagram_handle",
    "tiktok_handle",
    "youtube_handle",
    "name",
    "instagram_name",
    "tiktok_name",
    "youtube_name",
    "influencer",
)
_IS_HANDLE = "regexp_full_match(trim(handle_cell), '@?[A-Za-z0-9._-]+')"
_HANDLE = handle_sql("handle_cell")
_KEY = f"concat(row_platform, ':', {_HANDLE})"


def _recognises(mapped: Mapped) -> bool:
    return mapped.has("followers") and any(mapped.has(name) for name in HANDLE_FIELDS)


CREATOR_LIST = Format(
    name="creator_list",
    family="creator_list",
    recognises=_recognises,
    rows=Rows(
        required=("followers",),
        counts=("followers",),
        texts=(*HANDLE_FIELDS, "creator"),
        rejects=(
            Reject("not_a_handle", "handle_cell", f"handle_cell IS NULL OR NOT {_IS_HANDLE}"),
            Reject("bad_cell", "platform", "row_platform IS NULL"),
        ),
        outputs=(
            Output(
                dataset="account_observations",
                columns={
                    "platform": "row_platform",
                    "account_key": _KEY,
                    "handle": _HANDLE,
                    "creator": "t.creator",
                    "name": "name_cell",
                    "niche": "t.niche",
                    "country": "t.country",
                    "followers": "v.followers",
                },
                duplicate_key=("account_key",),
                conflicts="rejected",
            ),
            Output(
                dataset="follower_observations",
                columns={
                    "platform": "row_platform",
                    "account_key": _KEY,
                    "observed_on": "CAST(getvariable('observed_at') AS DATE)",
                    "followers": "v.followers",
                },
                duplicate_key=("account_key", "observed_on"),
                where="v.followers IS NOT NULL",
            ),
        ),
        handle_fields=HANDLE_FIELDS,
    ),
)
