"""PostgreSQL, a server of the benchmark's own: load and marts beside the bare COPY of the same rows, by the clock."""

from __future__ import annotations

from collections.abc import Iterator

from bench.kinds import Plan
from bench.kinds.marts import history
from bench.measuring import Measured, measure, must_equal
from bench.table import Line

KIND = "postgresql"
MOST = 2.0
"""Times the COPY that are asked for."""


def lines(plan: Plan) -> Iterator[Line]:
    """Measure one size; a line without numbers where there is no server on the machine."""
    from tests.engines.postgres_server import binaries, new_database

    rows = plan.engine_rows
    size = f"{rows:,} observations"
    if binaries() is None:
        yield Line(KIND, size, "load and marts", None, None, "no PostgreSQL server is on this machine")
        return
    home = history(plan, rows)
    copy = measure("copy", home, CREATOR_TIERS_WAREHOUSE=new_database())
    yield Line(KIND, size, "floor: COPY and an index", copy)
    built = measure("postgresql", home, CREATOR_TIERS_WAREHOUSE=new_database())
    must_equal("postgresql", built.figures, copy.figures)
    begun = built.until("begun")
    for what, until, most in (
        ("load: staged", built.through("read the lake"), None),
        ("load: to core.post_metrics", built.through("core.post_metrics"), MOST),
        ("load and marts", built, None),
    ):
        work = Measured(
            until.seconds - begun.seconds, until.processor - begun.processor, until.memory, until.figures
        )
        yield Line(KIND, size, what, work, work.seconds / copy.seconds, "COPY, by the clock", most)
