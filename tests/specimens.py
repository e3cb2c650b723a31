"""Real export files, where the machine has them: `specimens` beside the checkout, or the folder that a variable names.

They are nobody's to redistribute, so no copy of them is here; the figures were counted from the raw files.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "CREATOR_TIERS_SPECIMENS"
CHECKOUT = Path(__file__).resolve().parent.parent


def specimens() -> Path | None:
    """The folder of specimens; None where there is none."""
    named = os.environ.get(VARIABLE)
    places = (
        [Path(named)] if named else [CHECKOUT.parent / "shared" / "specimens", CHECKOUT.parent / "specimens"]
    )
    return next((place for place in places if (place / "landing").is_dir()), None)


REASON = f"no folder of real export files beside the checkout, and {VARIABLE} names none"

# Under landing/: the path (a pattern where names are long), the format, the rows by fate, and the totals.
POSTS: list[tuple[str, str, tuple[int, int, int, int, int], dict[str, int | None]]] = [
    (
        "instagram/atu_business/Aug-01-2024_Oct-31-2024_*.csv",
        "instagram_meta_posts",
        (51, 51, 0, 0, 0),
        {
            "posts": 51,
            "views": 122797,
            "likes": 4927,
            "shares": 372,
            "comments": 263,
            "saves": 72,
            "reach": 44184,
        },
    ),
    (
        "instagram/atu_business/Feb-01-2025_Apr-30-2025_*.csv",
        "instagram_meta_posts",
        (50, 49, 0, 1, 0),
        {
            "posts": 49,
            "views": 173918,
            "likes": 5672,
            "shares": 362,
            "comments": 196,
            "saves": 48,
            "reach": 56820,
        },
    ),
    (
        "instagram/atu_business/May-15-2024_Jul-31-2024_*.csv",
        "instagram_meta_stories",
        (44, 44, 0, 0, 0),
        {"posts": 44, "views": 785, "reach": 10335, "likes": 144, "shares": 14, "saves": None},
    ),
    (
        "instagram/ptbr_specimen/*.csv",
        "instagram_meta_posts",
        (2, 2, 0, 0, 0),
        {"posts": 2, "views": 4608, "likes": 299},
    ),
    (
        "instagram/comunicatibb/*.csv",
        "instagram_graph_api",
        (1534, 1534, 0, 0, 0),
        {"posts": 1534, "likes": 195492, "comments": 7477},
    ),
    (
        "tiktok/haileytupy2.0/Content.csv",
        "tiktok_studio_content",
        (13, 13, 0, 0, 0),
        {"posts": 13, "views": 537161, "likes": 4063, "saves": None, "reach": None},
    ),
    (
        "tiktok/haileytupy2.0/Content 2.csv",
        "tiktok_studio_content",
        (12, 12, 0, 0, 0),
        {"posts": 12, "views": 521655, "likes": 4077},
    ),
    (
        "youtube/kenjee/*.csv",
        "youtube_studio_table",
        (224, 223, 0, 0, 1),
        {"posts": 223, "views": 5567998},
    ),
    (
        "youtube/studio_pt_br/Dados da tabela.csv",
        "youtube_studio_table",
        (498, 497, 0, 0, 1),
        {"posts": 497, "views": 30226259, "likes": None},
    ),
    ("youtube/dubby/*.csv", "youtube_studio_table", (78, 77, 0, 0, 1), {"posts": 77, "views": 29}),
    (
        "youtube/priyanka/Table data.csv",
        "youtube_studio_table",
        (443, 442, 0, 0, 1),
        {"posts": 442, "views": 153235},
    ),
]

LISTS: list[tuple[str, str, tuple[int, int, int, int, int], dict[str, int | None]]] = [
    ("creators/*INSTAGRAM*DEC 2022.csv", "creator_list", (1000, 991, 7, 2, 0), {"accounts": 991}),
    ("creators/*TIKTOK*DEC 2022.csv", "creator_list", (1000, 999, 1, 0, 0), {"accounts": 999}),
    (
        "tiktok/haileytupy2.0/FollowerHistory.csv",
        "tiktok_follower_history",
        (365, 340, 0, 0, 25),
        {"accounts": 1, "followers": 5013},
    ),
]

# Files that are no posts: the path, the format, what becomes of them, and how many rows they have.
OTHERS: list[tuple[str, str, str, int]] = [
    ("tiktok/haileytupy2.0/Overview.csv", "tiktok_overview", "ignored", 365),
    ("youtube/priyanka/Totals.csv", "youtube_totals", "ignored", 365),
    ("youtube/studio_pt_br/Total.csv", "youtube_totals", "ignored", 180),
    ("youtube/studio_pt_br/Dados do gráfico.csv", "youtube_chart", "ignored", 900),
    ("web/aptamer/data-export.csv", "ga4_report", "refused", 39),
]

ORDERS: list[tuple[str, tuple[int, int, int, int, int], dict[str, int | str]]] = [
    (
        "orders/petbrand/orders_export_1.csv",
        (5121, 5121, 0, 0, 0),
        {
            "orders": 3885,
            "total": "346290.55",
            "subtotal": "318242.39",
            "refunded": "12002.92",
            "orders_with_code": 597,
        },
    ),
    (
        "orders/devstore/orders_export_1.csv",
        (121, 121, 0, 0, 0),
        {"orders": 51, "total": "590683.29", "refunded": "0.00", "orders_with_code": 0},
    ),
]
