"""Every format that is known, in the order in which a header is tried on them."""

from __future__ import annotations

from creator_tiers.exports.source import Format
from creator_tiers.exports.sources import business, creator_list, graph_api, meta, tiktok, youtube

FORMATS: tuple[Format, ...] = (
    meta.PAGE_METRICS,
    business.GA4_REPORT,
    meta.FACEBOOK_POSTS,
    meta.INSTAGRAM_STORIES,
    meta.INSTAGRAM_POSTS,
    graph_api.INSTAGRAM_GRAPH,
    tiktok.TIKTOK_CONTENT,
    tiktok.TIKTOK_FOLLOWERS,
    tiktok.TIKTOK_OVERVIEW,
    youtube.YOUTUBE_CHART,
    youtube.YOUTUBE_TABLE,
    business.SHOPIFY_ORDERS,
    business.PLACEMENTS,
    business.CAMPAIGNS,
    business.IMPACT_ACTIONS,
    business.CJ_COMMISSIONS,
    business.AWIN_TRANSACTIONS,
    tiktok.TIKTOK_OTHER,
    youtube.YOUTUBE_OTHER,
    youtube.YOUTUBE_TOTALS,
    creator_list.CREATOR_LIST,
)

UNKNOWN = "unknown"
