"""Made-up inputs of a report: every verdict, every status, and names that try to break out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from creator_tiers.report import ReportInputs
from creator_tiers.weeks import Week
from tests.report.details import details

GOLDEN = Path(__file__).parent / "golden"
WEEK = Week.parse("2026-W46")
HOSTILE = "=cmd|'/C calc'!A0 <script>alert(1)</script> {{7*7}} \"&\x1b[31m\u202egpj\r\nBcc: a@evil.example"
COMPARISON = pa.schema(
    [("week_start", pa.date32())]
    + [(name, pa.string()) for name in ("platform", "kind_group", "metric", "tier_a", "tier_b")]
    + [(name, pa.float64()) for name in ("estimate", "ci_low", "ci_high", "verdict_low", "verdict_high")]
    + [(name, pa.int64()) for name in ("creators_a", "creators_b", "posts_a", "posts_b")]
    + [
        ("verdict", pa.string()),
        ("needed_more", pa.string()),
        ("is_fragile", pa.bool_()),
        ("method", pa.string()),
    ]
)
CLAIMS = pa.schema(
    [("week_start", pa.date32()), ("as_of", pa.timestamp("us")), ("is_fragile", pa.bool_())]
    + [(name, pa.string()) for name in ("claim_id", "scope", "metric", "statement", "platform", "kind_group")]
    + [(name, pa.string()) for name in ("tier_a", "tier_b", "claimed_kind", "verdict")]
    + [(name, pa.string()) for name in ("needed_more", "needed_more_weekly")]
    + [(name, pa.float64()) for name in ("estimate", "ci_low", "ci_high", "verdict_low", "verdict_high")]
    + [("claimed_value", pa.float64()), ("creators_a", pa.int64()), ("creators_b", pa.int64())]
)
TIERS = pa.schema(
    [(name, pa.string()) for name in ("platform", "kind_group", "tier")]
    + [("creators", pa.int64()), ("posts", pa.int64()), ("mean_er_followers", pa.float64())]
)
FILES = pa.schema(
    [(name, pa.string()) for name in ("file_id", "path", "source_format", "platform", "status", "message")]
    + [("observed_at", pa.timestamp("us"))]
    + [(f"rows_{fate}", pa.int64()) for fate in ("read", "loaded", "duplicate", "rejected", "ignored")]
)
REJECTED = pa.schema([("rule", pa.string()), ("rows", pa.int64())])
VALIDATION = pa.schema(
    [("expectation", pa.string()), ("severity", pa.string()), ("outcome", pa.string()), ("n", pa.int64())]
)
CREATORS = {"nano": 22, "micro": 41, "mid": 30, "macro": 17, "mega": 12}
SIZES = {"nano": 1.1, "micro": 1.0, "mid": 0.85, "macro": 0.77, "mega": 0.72}


def pair(platform: str, group: str, metric: str, a: str, b: str, **values: Any) -> dict[str, Any]:
    """A row of the comparison; a ratio and a spread give the intervals and the verdict."""
    ratio, spread = values.pop("ratio", None), values.pop("spread", 1.2)
    row: dict[str, Any] = {
        "week_start": WEEK.monday, "platform": platform, "kind_group": group, "metric": metric,
        "tier_a": a, "tier_b": b, "estimate": ratio, "ci_low": None, "ci_high": None, "verdict_low": None,
        "verdict_high": None, "creators_a": CREATORS.get(a, 63), "creators_b": CREATORS.get(b, 59),
        "posts_a": 9 * CREATORS.get(a, 63), "posts_b": 9 * CREATORS.get(b, 59),
        "verdict": "not_enough_evidence", "needed_more": None, "is_fragile": False, "method": "welch_log",
    }  # fmt: skip
    if ratio is not None:
        low, high = ratio / spread**1.35, ratio * spread**1.35
        row |= {"ci_low": ratio / spread, "ci_high": ratio * spread, "verdict_low": low, "verdict_high": high}
        row["verdict"] = (
            "no_material_difference" if low > 0.8 and high < 1.25
            else "contradicted" if high < 1 else "direction_only" if low > 1 else "not_enough_evidence"
        )  # fmt: skip
    return row | values


def pairs(
    platform: str, group: str, metric: str, sizes: dict[str, float], spread: float
) -> list[dict[str, Any]]:
    """All pairs of tiers, and small against the rest."""
    rows = [
        pair(platform, group, metric, a, b, ratio=sizes[a] / sizes[b], spread=spread)
        for a, b in combinations(sizes, 2)
    ]
    return [*rows, pair(platform, group, metric, "small", "rest", ratio=1.21, spread=spread)]


def comparison_rows() -> list[dict[str, Any]]:
    """Instagram supports C1, TikTok is level, YouTube's megas win, Shorts have too few creators."""
    rows = pairs("instagram", "feed", "er_followers_settled", SIZES | {"micro": 0.99}, 1.17)
    rows += pairs("instagram", "feed", "er_reach_settled", SIZES, 1.3)
    rows += pairs("tiktok", "video", "er_views_settled", dict.fromkeys(CREATORS, 1.0) | {"micro": 1.02}, 1.13)
    rows += pairs("youtube", "video", "er_views_settled", {t: 1 / s**3 for t, s in SIZES.items()}, 1.25)
    few = {"creators_a": 2, "creators_b": 1, "posts_a": 7, "posts_b": 3}
    rows += [
        pair("youtube", "short", "er_views_settled", a, b, **few, needed_more="3 micro, 4 mega")
        for a, b in combinations(CREATORS, 2)
    ]
    return rows


STATEMENTS = {
    "C1": "On Instagram micro-creators' engagement rate is 38 % above mega-creators'.",
    "C2": "On TikTok micro- and mega-creators perform comparably.",
    "C3": "On YouTube mega-creators win by far.",
}
PLACES = {
    "instagram": ("instagram", "feed", "er_followers_settled"),
    "tiktok": ("tiktok", "video", "er_views_settled"),
    "youtube": ("youtube", "video", "er_views_settled"),
    "youtube:short": ("youtube", "short", "er_views_settled"),
}


def claim(
    claim_id: str, scope: str, kind: str, claimed: float, verdict: str, **values: Any
) -> dict[str, Any]:
    """A row of the claims; a ratio and a spread give its intervals."""
    platform, kind_group, metric = PLACES.get(scope, (None, None, ""))
    ratio, spread = values.pop("ratio", None), values.pop("spread", 1.2)
    tiers = ("mega", "micro") if claim_id == "C3" else ("micro", "mega")
    row: dict[str, Any] = {
        "week_start": WEEK.monday, "claim_id": claim_id, "scope": scope, "metric": metric, "platform": platform,
        "kind_group": kind_group, "tier_a": tiers[0], "tier_b": tiers[1], "claimed_kind": kind,
        "claimed_value": claimed, "statement": STATEMENTS.get(claim_id, claim_id), "verdict": verdict,
        "creators_a": CREATORS[tiers[0]], "creators_b": CREATORS[tiers[1]], "is_fragile": False,
        "as_of": WEEK.ends_at.replace(tzinfo=None),
    }  # fmt: skip
    if ratio is not None:
        row |= {"estimate": ratio, "ci_low": ratio / spread, "ci_high": ratio * spread}
        row |= {"verdict_low": ratio / spread**1.35, "verdict_high": ratio * spread**1.35}
    return row | values


def claim_rows() -> list[dict[str, Any]]:
    """C1, C2 and C3 supported, but for Shorts, where creators are too few."""
    few = {
        "creators_a": 1,
        "creators_b": 2,
        "needed_more": "4 mega, 3 micro",
        "needed_more_weekly": "9 mega, 8 micro",
    }
    return [
        claim("C1", "instagram", "ratio", 1.38, "supported", ratio=0.99 / 0.72, spread=1.17),
        claim("C2", "tiktok", "equivalence", 1.0, "supported", ratio=1.02, spread=1.13, is_fragile=True),
        claim("C3", "youtube", "bound", 1.25, "supported", ratio=1 / 0.72**3, spread=1.25),
        claim("C3", "youtube:short", "bound", 1.25, "not_enough_evidence", **few),
    ]


def tier_rows() -> list[dict[str, Any]]:
    """Creators per tier."""
    groups = [("instagram", "feed"), ("tiktok", "video"), ("youtube", "video")]
    rows = [
        {
            "platform": p,
            "kind_group": g,
            "tier": t,
            "creators": n,
            "posts": 9 * n,
            "mean_er_followers": 0.021,
        }
        for p, g in groups
        for t, n in CREATORS.items()
    ]
    return [
        *rows,
        {"platform": "youtube", "kind_group": "short", "tier": "micro", "creators": 2, "posts": 7},
        {"platform": "youtube", "kind_group": "short", "tier": "mega", "creators": 1, "posts": 3},
    ]


def file_rows() -> list[dict[str, Any]]:
    """Files of each status; every file's rows add up; one was observed after as-of."""
    rows = [
        _file(
            "instagram/brewlab/2026-11-12.csv", "instagram", datetime(2026, 11, 12, 6), "loaded", 420, 400, 20
        ),
        _file(
            "instagram/oatmood/2026-11-14.csv",
            "instagram",
            datetime(2026, 11, 14, 6),
            "partial",
            310,
            300,
            0,
            7,
            3,
        ),
        _file(
            "tiktok/mossandmug/2026-10-02.csv", "tiktok", datetime(2026, 10, 2, 23, 59, 59), "loaded", 90, 90
        ),
        _file(
            "youtube/daylio/2026-11-15.zip",
            "youtube",
            datetime(2026, 11, 15, 23, 59, 59),
            "loaded",
            57,
            55,
            0,
            0,
            2,
        ),
        _file(
            "youtube/daylio/Totals.csv",
            "youtube",
            datetime(2026, 11, 15, 23, 59, 59),
            "ignored",
            28,
            0,
            0,
            0,
            28,
        ),
        _file("instagram/late.csv", "instagram", datetime(2026, 11, 17), "loaded", 5, 5),
        _file("notes.pdf", None, None, "refused", 0, 0),
    ]
    rows[1]["message"] = "columns kept in extra: Rank"
    rows[6]["message"] = "not an export that is known here; see docs/formats"
    return rows


def _file(
    path: str, platform: str | None, observed: datetime | None, status: str, *rows: int
) -> dict[str, Any]:
    fates = dict(zip(("read", "loaded", "duplicate", "rejected", "ignored"), (*rows, 0, 0, 0), strict=False))
    return {
        "file_id": path, "path": path, "platform": platform, "observed_at": observed, "status": status,
        **{f"rows_{fate}": n for fate, n in fates.items()},
    }  # fmt: skip


def table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as the warehouse would give them."""
    return pa.Table.from_pylist(rows, schema=schema)


def planted(**changes: Any) -> ReportInputs:
    """The inputs that the golden files are made from."""
    previous = comparison_rows()
    previous[3] |= {"verdict": "not_enough_evidence", "creators_b": 9}
    inputs = ReportInputs(
        week=WEEK,
        as_of=WEEK.ends_at,
        comparison=table(comparison_rows(), COMPARISON),
        previous=table([row for row in previous if row["kind_group"] != "short"], COMPARISON),
        claims=table(claim_rows(), CLAIMS),
        creators_per_tier=table(tier_rows(), TIERS),
        files=table(file_rows(), FILES),
        rejected=table([{"rule": "missing_post_id", "rows": 2}, {"rule": "bad_date", "rows": 5}], REJECTED),
        validation=table(
            [
                {"expectation": "post_key not_null", "severity": "fail", "outcome": "passed", "n": 12},
                {"expectation": "likes between", "severity": "warn", "outcome": "failed", "n": 1},
            ],
            VALIDATION,
        ),
        engine="duckdb",
        scheme="article",
        details=details(),
    )
    return replace(inputs, **changes)


def nothing() -> ReportInputs:
    """The inputs of a first run on a clean zone."""
    return planted(
        comparison=table([], COMPARISON),
        previous=None,
        claims=table(
            [
                claim("C1", "instagram", "ratio", 1.38, "not_testable", creators_a=0, creators_b=0),
                claim("C2", "tiktok", "equivalence", 1.0, "not_testable", creators_a=0, creators_b=0),
            ],
            CLAIMS,
        ),
        creators_per_tier=table([], TIERS),
        files=table([], FILES),
        rejected=table([], REJECTED),
        validation=table([], VALIDATION),
        details={},
    )


def hostile() -> ReportInputs:
    """Inputs whose every foreign text tries to break out of its form."""
    files = file_rows()
    files[1] |= {"path": HOSTILE, "message": HOSTILE}
    rows = [
        row | {"tier_b": HOSTILE if row["tier_b"] == "macro" else row["tier_b"]} for row in comparison_rows()
    ]
    return planted(
        comparison=table([*rows, pair(HOSTILE, HOSTILE, HOSTILE, "micro", "mega", ratio=1.1)], COMPARISON),
        files=table(files, FILES),
        claims=table(
            [*claim_rows(), claim(HOSTILE, HOSTILE, HOSTILE, 1.0, HOSTILE, needed_more=HOSTILE)], CLAIMS
        ),
        rejected=table([{"rule": HOSTILE, "rows": 1}], REJECTED),
        validation=table(
            [{"expectation": HOSTILE, "severity": "warn", "outcome": "failed", "n": 1}], VALIDATION
        ),
        creators_per_tier=table(
            [*tier_rows(), {"platform": HOSTILE, "kind_group": "", "tier": HOSTILE}], TIERS
        ),
        engine=HOSTILE,
        details=details(HOSTILE),
    )


def write_golden() -> None:
    """Write the golden files again, after a change that was meant: `python -m tests.report.planted`."""
    from creator_tiers.report import build_model
    from creator_tiers.report.plain import render_text
    from creator_tiers.report.render import render_json

    model = build_model(planted())
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / "report.json").write_text(render_json(model), encoding="utf-8")
    (GOLDEN / "report.txt").write_text(render_text(model), encoding="utf-8")


if __name__ == "__main__":
    write_golden()
