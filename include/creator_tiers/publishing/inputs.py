"""What a week's report is made from, read from the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from creator_tiers.publishing.details import read_details, rows_of_week
from creator_tiers.settings import Settings
from creator_tiers.weeks import Week

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.report.inputs import ReportInputs
    from creator_tiers.warehouse import Reader

_FILES = "SELECT * FROM ops.export_files ORDER BY load_key"
_REJECTED = """
    SELECT rejected.rule, count(*) AS rows
    FROM ops.rejected_rows AS rejected
    INNER JOIN ops.export_files AS files ON rejected.load_key = files.load_key
    WHERE rejected.resolved_at IS NULL AND coalesce(files.observed_at, files.loaded_at) < $as_of
    GROUP BY rejected.rule
    ORDER BY rejected.rule
"""
_VALIDATION = """
    SELECT results.expectation, results.severity, results.outcome, count(*) AS n
    FROM ops.validation_results AS results
    INNER JOIN ops.export_files AS files ON results.load_key = files.load_key
    WHERE files.status IN ('loaded', 'partial') AND coalesce(files.observed_at, files.loaded_at) < $as_of
    GROUP BY results.expectation, results.severity, results.outcome
    ORDER BY results.expectation, results.severity, results.outcome
"""


def read_inputs(reader: Reader, settings: Settings, week: Week) -> ReportInputs:
    """The rows that a report of the week shows."""
    from creator_tiers.report import ReportInputs
    from creator_tiers.warehouse import comparison_posts

    as_of = {"as_of": week.ends_at}
    return ReportInputs(
        week=week,
        as_of=week.ends_at,
        comparison=rows_of_week(reader, "marts.tier_comparison", week),
        previous=rows_of_week(reader, "marts.tier_comparison", week.shift(-1)),
        claims=rows_of_week(reader, "marts.claim_verdicts", week),
        creators_per_tier=_creators_per_tier(comparison_posts(reader, week, settings)),
        files=reader.read(_FILES),
        rejected=reader.read(_REJECTED, as_of),
        validation=reader.read(_VALIDATION, as_of),
        engine=reader.engine,
        scheme=settings.tier_scheme,
        window_days=settings.comparison_window.days,
        details=read_details(reader, settings, week),
    )


def _creators_per_tier(posts: pa.Table) -> pa.Table:
    """Creators, posts and mean settled rates of the compared posts, by platform, kind group and tier."""
    import pyarrow.compute as pc

    keys = ["platform", "kind_group", "tier"]
    rates = ["er_followers", "er_reach", "er_views"]
    wanted = [
        ("creator_key", "count_distinct"),
        ("post_key", "count"),
        *((f"{one}_settled", "mean") for one in rates),
    ]
    tiered = posts.filter(pc.is_valid(posts["tier"]))
    grouped = tiered.group_by(keys, use_threads=False).aggregate(wanted)
    names = {"creator_key_count_distinct": "creators", "post_key_count": "posts"}
    names |= {f"{one}_settled_mean": f"mean_{one}" for one in rates}
    return grouped.rename_columns([names.get(name, name) for name in grouped.column_names]).sort_by(
        [(key, "ascending") for key in keys]
    )
