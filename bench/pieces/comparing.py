"""A week's comparison of 100,000 creators on three platforms, and the bootstrap beside scipy's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import clock

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = (("instagram", "feed", 4), ("tiktok", "video", 4), ("youtube", "video", 2), ("youtube", "short", 2))
"""Platform, kind group, posts a creator."""
SCHEMES = {
    "article": (5_000, 20_001, 100_001, 1_000_001),
    "micro_10k_50k": (10_000, 50_000, 500_000, 1_000_000),
}
ARM = 400
"""Creators in each arm of the bootstrap: the most for which ours draws one."""


def comparison(_home: Path, creators: str) -> dict[str, Any]:
    """The comparison and every claim's verdict."""
    from creator_tiers.comparison import ClaimInputs, compare_tiers, judge_claims

    posts, week = posts_of(int(creators), "article"), _week()
    clock.begin()
    rows = compare_tiers(posts, week, "article")
    claims = judge_claims(rows, week, inputs=ClaimInputs(posts))
    clock.end()
    return {"posts": posts.num_rows, "comparisons": rows.num_rows, "claims": claims.num_rows}


def weekly(home: Path, creators: str) -> dict[str, Any]:
    """Every table of a week, under three tier schemes."""
    from creator_tiers.publishing.comparing import tables_of_week
    from creator_tiers.settings import load_settings

    schemes = {name: posts_of(int(creators), name) for name in SCHEMES}
    schemes["micro_10k_100k"] = schemes["micro_10k_50k"]
    settings = load_settings({"CREATOR_TIERS_HOME": str(home)})
    clock.begin()
    made = tables_of_week(settings, _week(), schemes, [None, None, None])
    clock.end()
    return {name: rows.num_rows for name, rows in made.items()}


def our_bootstrap(_home: Path, repeats: str) -> dict[str, Any]:
    """The bootstrap-t of the robustness strip, so many times; the counts that all draws share are made on the way."""
    from creator_tiers.comparison.bootstrap import RESAMPLES, bootstrap_t

    a, b = _arms()
    bootstrap_t(a[:9], b[:9], "another size, so that nothing is left to import")
    clock.begin()
    found = [bootstrap_t(a, b, str(number)) for number in range(int(repeats))]
    clock.end()
    return {"draws": RESAMPLES, "low": found[-1][0], "high": found[-1][1]}


def scipy_bootstrap(_home: Path, repeats: str) -> dict[str, Any]:
    """`scipy.stats.bootstrap` of the same ratio with as many draws, as it comes: vectorised, BCa."""
    import numpy as np
    from scipy import stats

    from creator_tiers.comparison.bootstrap import RESAMPLES

    a, b = _arms()

    def difference(x: Any, y: Any, axis: int = -1) -> Any:
        return np.mean(x, axis=axis) - np.mean(y, axis=axis)

    def interval(number: int) -> Any:
        rng = np.random.default_rng(number)
        found = stats.bootstrap((a, b), difference, n_resamples=RESAMPLES, rng=rng)
        return found.confidence_interval

    interval(0)
    clock.begin()
    low, high = [interval(number) for number in range(int(repeats))][-1]
    clock.end()
    return {"draws": RESAMPLES, "low": float(np.exp(low)), "high": float(np.exp(high))}


def posts_of(creators: int, scheme: str) -> pa.Table:
    """Posts as `warehouse.comparison_posts` gives them, made up: a few of each creator on each platform."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(1)
    audience = np.exp(rng.uniform(7, 15, creators)).astype(np.int64)
    parts = [
        {
            "creator": rng.integers(0, creators, creators * posts),
            "platform": np.full(creators * posts, platform),
            "kind_group": np.full(creators * posts, group),
            "kind": rng.choice(
                ["image", "reel", "carousel"] if group == "feed" else [group], creators * posts
            ),
        }
        for platform, group, posts in KINDS
    ]
    frame = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    creator, n = frame["creator"], frame["creator"].size
    followers = audience[creator]
    mean = np.minimum(followers * 0.03 * np.exp(rng.normal(0, 0.5, n)), 1e6)
    names = np.array(["nano", "micro", "mid", "macro", "mega"])
    key = np.array([f"creator{number}" for number in range(creators)])[creator]
    published = np.datetime64("2026-09-01") + rng.integers(0, 80, n)
    columns = {
        "post_key": np.arange(n).astype(str),
        "creator_key": key,
        "account_key": key,
        **{name: frame[name] for name in ("platform", "kind", "kind_group")},
        "tier": names[np.searchsorted(SCHEMES[scheme], followers, side="right")],
        "niche": np.array([f"niche{number}" for number in range(40)])[creator % 40],
        "is_branded": rng.random(n) < 0.2,
        "is_boosted": rng.random(n) < 0.02,
        "followers_at_post": followers,
        "followers_flag": pa.nulls(n, pa.string()),
        "engagements_core_settled": rng.poisson(mean),
        "reach_settled": followers // 2 + 1,
        "views_settled": followers // 3 + 1,
        "published_at": published.astype("datetime64[us]"),
    }
    engagements = columns["engagements_core_settled"]
    for name, of in (
        ("followers", "followers_at_post"),
        ("reach", "reach_settled"),
        ("views", "views_settled"),
    ):
        columns[f"er_{name}_settled"] = engagements / columns[of]
    return pa.table(columns)


def _arms() -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(2)
    return rng.normal(0.2, 0.8, ARM), rng.normal(0.0, 0.8, ARM)


def _week() -> Any:
    from creator_tiers.weeks import Week

    return Week.parse("2026-W46")
