"""A ratio of the tier comparison, back to the posts, counts and followers that it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from creator_tiers.errors import ContractError
from creator_tiers.settings import Settings
from creator_tiers.tracing.cells import RatioCell
from creator_tiers.tracing.trace import ROWS, Trace
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.warehouse import Reader

_REPORTED = """
    SELECT estimate, ci_low, ci_high, creators_a, creators_b, posts_a, posts_b, verdict
    FROM marts.tier_comparison
    WHERE week_start = $week AND platform = $platform AND kind_group = $kind_group AND metric = $metric
        AND tier_a = $tier_a AND tier_b = $tier_b
"""
_BELOW = {
    "er_followers_settled": ("followers", "followers_at_post"),
    "er_reach_settled": ("reach", "reach_settled"),
    "er_views_settled": ("views", "views_settled"),
}


def trace_ratio(reader: Reader, settings: Settings, week: Week, cell: RatioCell) -> Trace:
    """Every value under a ratio.

    Raises:
        ContractError: the week's report has no such ratio.
    """
    from creator_tiers.warehouse.weekly import traced_posts

    keys = {
        "week": week.monday,
        "platform": cell.platform,
        "kind_group": cell.kind_group,
        "metric": cell.reported_metric,
        "tier_a": cell.tier_a,
        "tier_b": cell.tier_b,
    }
    reported = reader.read(_REPORTED, keys).to_pylist()
    if not reported:
        raise ContractError(
            f"The report of {week.label} has no {cell.name}: was it made? (`make run WEEK=...`)"
        )
    posts = _used(traced_posts(reader, week, settings, cell.platform, cell.kind_group), cell)
    facts = dict(reported[0])
    estimate = facts.pop("estimate")
    return Trace(week.label, cell.name, estimate, _ratio(posts, cell, estimate), facts, _lines(posts, cell))


def _used(posts: pa.Table, cell: RatioCell) -> pa.Table:
    """The posts of the cell's two arms that have a rate, with their `arm`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from creator_tiers.comparison.coded import SIDES

    arm_of = {tier: name for name in (cell.tier_a, cell.tier_b) for tier in SIDES.get(name, (name,))}
    below = posts[_BELOW[cell.metric][1]]
    keep = pc.and_(
        pc.is_in(posts["tier"], value_set=pa.array(list(arm_of), pa.string())),
        pc.and_(pc.greater_equal(posts["engagements_core_settled"], 0), pc.greater(below, 0)),
    )
    if cell.subset != "all":
        keep = pc.and_(keep, pc.equal(posts["is_branded"].cast(pa.bool_()), cell.subset == "branded"))
    used = posts.filter(pc.fill_null(keep, False))
    index = pc.index_in(used["tier"], value_set=pa.array(list(arm_of), pa.string()))
    arms = pa.array(list(arm_of.values()), pa.string()).take(index.combine_chunks())
    creators = pc.coalesce(used["creator_key"].cast(pa.string()), used["account_key"].cast(pa.string()))
    return used.append_column("arm", arms).set_column(
        used.schema.get_field_index("creator_key"), "creator_key", creators
    )


def _ratio(posts: pa.Table, cell: RatioCell, reported: float | None) -> float | None:
    """The ratio of the geometric means of creator rates: each creator counts once."""
    import pyarrow.compute as pc

    from creator_tiers.comparison.coded import OFFSET

    if reported is None:
        return None
    engagements = pc.add(posts["engagements_core_settled"].cast("float64"), OFFSET)
    logs = pc.ln(pc.divide(engagements, posts[_BELOW[cell.metric][1]].cast("float64")))
    creators = posts.append_column("log", logs).group_by(["arm", "creator_key"]).aggregate([("log", "mean")])
    arms = creators.group_by("arm").aggregate([("log_mean", "mean")]).to_pylist()
    means: dict[str, Any] = {row["arm"]: row["log_mean_mean"] for row in arms}
    if cell.tier_a not in means or cell.tier_b not in means:
        return None
    return math.exp(means[cell.tier_a] - means[cell.tier_b])


def _lines(posts: pa.Table, cell: RatioCell) -> pa.Table:
    import pyarrow as pa

    quantity, column = _BELOW[cell.metric]
    prefix = "followers_" if quantity == "followers" else ""
    used = [("engagements", "engagements_core_settled", ""), (quantity, column, prefix)]
    tables = [
        pa.table(
            {
                "arm": posts["arm"],
                "creator_key": posts["creator_key"],
                "account_key": posts["account_key"],
                "item": posts["post_key"],
                "quantity": pa.array([name] * posts.num_rows, pa.string()),
                "value": posts[value].cast("int64"),
                "observed_at": posts[f"{source}observed_at"],
                "path": posts[f"{source}path"],
                "row_number": posts[f"{source}row_number"].cast("int64"),
                "file_id": posts[f"{source}file_id"],
            }
        )
        for name, value, source in used
    ]
    order = [(name, "ascending") for name in ("arm", "creator_key", "item", "quantity")]
    return pa.concat_tables(tables).select(list(ROWS)).sort_by(order)
