"""The tables of a state store, copied to another one, whatever engine either has."""

from __future__ import annotations

import sqlalchemy as sa

from creator_tiers.state_store import open_state

PASSING = frozenset({"writer_locks"})
"""Tables that mean nothing to another time: who writes just now."""


def copy_state(source_url: str, target_url: str) -> int:
    """Copy every table that the target has no rows of; the number of rows.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: one of them cannot be used.
    """
    source, target = open_state(source_url), open_state(target_url)
    found = sa.MetaData()
    found.reflect(source, only=lambda name, _: name not in PASSING)
    copied = 0
    with source.connect() as reading, target.begin() as writing:
        found.create_all(writing)
        for one in found.sorted_tables:
            if rows := [dict(row) for row in reading.execute(one.select()).mappings()]:
                writing.execute(one.insert(), rows)
                copied += len(rows)
    return copied


def state_rows(url: str) -> int:
    """How many rows a state store holds, less what passes by itself."""
    engine = open_state(url)
    found = sa.MetaData()
    found.reflect(engine, only=lambda name, _: name not in PASSING)
    with engine.connect() as reading:
        counts = [
            reading.execute(sa.select(sa.func.count()).select_from(one)).scalar_one()
            for one in found.sorted_tables
        ]
    return sum(counts)
