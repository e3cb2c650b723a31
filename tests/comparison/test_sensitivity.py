"""The robustness strip of the claims, adjusted beside raw, the elasticity, Simpson's alarm and medians."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy import stats

from creator_tiers.comparison import compare_tiers, judge_claims
from creator_tiers.comparison.adjusting import adjusted_ratio, clustered, elasticity
from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.placements import placements_of
from creator_tiers.comparison.sensitivity import (
    SENSITIVITY_SCHEMA,
    claim_sensitivity,
    mark_fragile,
    median_interval,
)
from creator_tiers.comparison.simpson import simpson
from tests.comparison.frames import posts_of, spread, two_tiers
from tests.comparison.test_judges import WEEK, plan


def rows_of(table: pa.Table, **keys: str) -> dict[str, dict]:
    return {row["name"]: row for row in table.to_pylist() if keys.items() <= row.items()}


@pytest.mark.unit
def test_the_strip_of_c1() -> None:
    records = two_tiers(spread(0.05, 20), spread(0.03, 12))
    table = claim_sensitivity(WEEK, {"article": posts_of(records)}, "article")
    found = rows_of(table, claim_id="C1")

    assert table.schema == SENSITIVITY_SCHEMA
    assert {"geometric_means", "ratio_of_sums", "medians", "bootstrap_t", "own_only", "elasticity"} <= set(
        found
    )
    assert found["geometric_means"]["estimate"] == pytest.approx(5 / 3, rel=1e-3)
    assert all(row["is_agreeing"] for row in found.values() if row["is_agreeing"] is not None)
    assert found["elasticity"]["is_agreeing"] is None


@pytest.mark.unit
def test_another_scheme_with_another_winner_is_fragile() -> None:
    records = two_tiers(spread(0.05, 20), spread(0.03, 12))
    other = two_tiers(spread(0.02, 20), spread(0.03, 12))
    schemes = {"article": posts_of(records), "vendor": posts_of(other)}
    found = claim_sensitivity(WEEK, schemes, "article")
    claims = judge_claims(compare_tiers(schemes["article"], WEEK, "article"), WEEK)
    before = {row["scope"]: row["is_fragile"] for row in claims.to_pylist() if row["claim_id"] == "C1"}
    after = {
        row["scope"]: row["is_fragile"]
        for row in mark_fragile(claims, found).to_pylist()
        if row["claim_id"] == "C1"
    }

    assert rows_of(found, variant="scheme")["vendor"]["is_agreeing"] is False
    assert (before, after) == ({"instagram": False}, {"instagram": True})
    assert mark_fragile(claims, found).schema == claims.schema


@pytest.mark.unit
@pytest.mark.parametrize("micro", [0.03, 0.012, 0.09], ids=["alike", "below", "above"])
def test_an_equivalence_is_agreed_with_on_its_own_side_of_the_margin(micro: float) -> None:
    records = two_tiers(spread(micro, 30, 0.1), spread(0.03, 30, 0.1), platform="tiktok", kind_group="video")
    posts = posts_of(records)
    found = claim_sensitivity(WEEK, {"article": posts}, "article")
    claims = mark_fragile(judge_claims(compare_tiers(posts, WEEK, "article"), WEEK), found)

    assert all(row["is_agreeing"] for row in rows_of(found, claim_id="C2").values())
    assert [row["is_fragile"] for row in claims.to_pylist() if row["claim_id"] == "C2"] == [False]


@pytest.mark.unit
def test_orders_of_leaked_codes_and_boosted_placements() -> None:
    rows = plan(1.5).to_pylist()
    rows = [
        {**row, "orders_leak_suspect": row["orders_net"] * 0.5 * (row["tier"] == "micro"), "boost_spend": 0.0}
        for row in rows
    ]
    placements = placements_of(WEEK, pa.Table.from_pylist(rows))
    found = rows_of(claim_sensitivity(WEEK, {}, "article", placements), claim_id="C4", metric="cvr_reach")

    assert found["without_leak_suspects"]["estimate"] == pytest.approx(0.75, rel=1e-3)
    assert found["without_leak_suspects"]["is_agreeing"] is False
    assert found["without_boosted"]["is_agreeing"] is True


@pytest.mark.unit
def test_medians_cover() -> None:
    rng = generator("medians")
    hits = []
    for _ in range(400):
        _, low, high = median_interval(rng.normal(0, 1, 15), rng.normal(0, 1, 15))
        hits.append(low < 1 < high)

    assert 0.92 < np.mean(hits) <= 1.0


@pytest.mark.unit
def test_adjusting_is_statsmodels_wls_with_clusters() -> None:
    rng = generator("wls")
    cluster = np.repeat(np.arange(30), 4)
    x = np.column_stack([np.ones(120), rng.random((120, 2))])
    y, weights = (
        x @ [1, 0.5, -2] + rng.normal(0, 1, 30)[cluster] + rng.normal(0, 0.3, 120),
        rng.uniform(0.5, 2, 120),
    )
    fit = sm.WLS(y, x, weights=weights).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    found = clustered(y, x, weights, cluster, 1)

    assert found.value == pytest.approx(fit.params[1])
    reach = stats.t.ppf(0.975, 29) * fit.bse[1]
    assert (found.low, found.high) == pytest.approx((fit.params[1] - reach, fit.params[1] + reach))


@pytest.mark.unit
def test_adjusted_for_kind_where_the_raw_ratio_is_the_kinds() -> None:
    """Micros post reels, megas images; inside a kind there is no difference."""
    records = []
    for tier, reels in (("micro", 3), ("mega", 1)):
        for number, rate in enumerate(spread(0.03, 15, 0.02)):
            for index in range(4):
                level = rate * (2 if index < reels else 1)
                kind = "reel" if index < reels else "image"
                one = two_tiers([level], [], (tier, "x"), kind=kind)[0]
                records.append({**one, "creator_key": f"{tier}{number}"})
    posts = posts_of(records).append_column("kind", pa.array([one["kind"] for one in records]))
    adjusted = adjusted_ratio(posts, "er_followers_settled", "instagram", "feed", ("micro", "mega"))
    raw = rows_of(claim_sensitivity(WEEK, {"article": posts}, "article"), claim_id="C1")["geometric_means"]

    assert raw["estimate"] == pytest.approx(math.sqrt(2), rel=0.01)
    assert adjusted.value == pytest.approx(1, abs=0.03)
    assert adjusted.low < 1 < adjusted.high


@pytest.mark.unit
def test_the_elasticity() -> None:
    rng = generator("elastic")
    followers = np.exp(rng.uniform(8, 15, 60))
    engaged = 5 * followers**0.7 * np.exp(rng.normal(0, 0.1, 60))
    records = [
        {"creator_key": f"c{i}", "followers_at_post": int(f), "engagements_core_settled": int(e)}
        for i, (f, e) in enumerate(zip(followers, engaged, strict=True))
    ]
    found = elasticity(posts_of(records), "instagram", "feed")

    assert found.value == pytest.approx(0.7, abs=0.03)
    assert found.low < 0.7 < found.high


@pytest.mark.unit
def test_simpsons_alarm() -> None:
    """On each platform micros are ahead; most micros are on the platform with the low rates."""
    tiktok = {"platform": "tiktok", "kind_group": "video"}
    records = two_tiers(spread(0.012, 40), spread(0.010, 5))
    more = two_tiers(spread(0.12, 5), spread(0.10, 40), **tiktok)
    records += [{**one, "creator_key": f"t{one['creator_key']}"} for one in more]
    found = simpson(posts_of(records), "er_views_settled", ("micro", "mega"))

    assert found is not None
    assert found["stratified"] == pytest.approx(1.2, rel=1e-3)
    assert found["pooled"] < 1
    assert found["is_reversed"] is True
    assert simpson(posts_of(two_tiers([0.1] * 3, [0.2] * 3)), "er_views_settled", ("micro", "mega")) is None


@pytest.mark.unit
@pytest.mark.parametrize(
    "records", [[], two_tiers([0.1], [0.2]), two_tiers([0.1] * 6, [0.1] * 6), two_tiers([0.0] * 6, [0.2] * 6)]
)
def test_little_or_equal_data_make_no_strip_and_no_error(records: list) -> None:
    table = claim_sensitivity(WEEK, {"article": posts_of(records)}, "article")

    assert table.schema == SENSITIVITY_SCHEMA
    assert all(row["estimate"] is None or math.isfinite(row["estimate"]) for row in table.to_pylist())
