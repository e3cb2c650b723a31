"""Every format that is known, in the order in which a header is tried on them."""

from __future__ import annotations

from creator_tiers.exports.source import Format
from creator_tiers.exports.sources import (
    affiliate,
    campaigns,
    creator_list,
    ga4,
    graph_api,
    meta,
    shopify,
    tiktok,
    youtube,
)

FORMATS: tuple[Format, ...] = (
    meta.PAGE_METRICS,
    ga4.GA4_REPORT,
    meta.FACEBOOK_POSTS,
    meta.INSTAGRAM_STORIES,
    meta.INSTAGRAM_POSTS,
    graph_api.INSTAGRAM_GRAPH,
    tiktok.TIKTOK_DISPLAY,
    tiktok.TIKTOK_CONTENT,
    tiktok.TIKTOK_FOLLOWERS,
    tiktok.TIKTOK_OVERVIEW,
    youtube.YOUTUBE_DATA,
    youtube.YOUTUBE_CHART,
    youtube.YOUTUBE_TABLE,
    shopify.SHOPIFY_ORDERS,
    campaigns.PLACEMENTS,
    campaigns.CAMPAIGNS,
    campaigns.EXCHANGE_RATES,
    affiliate.IMPACT_ACTIONS,
    affiliate.CJ_COMMISSIONS,
    affiliate.AWIN_TRANSACTIONS,
    tiktok.TIKTOK_OTHER,
    youtube.YOUTUBE_OTHER,
    youtube.YOUTUBE_TOTALS,
    creator_list.CREATOR_LIST,
)

UNKNOWN = "unknown"
