"""The rows of a large load: judged once where all is well, chunk by chunk where something is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creator_tiers.contracts.frames import plain
from creator_tiers.ingestion import validating
from creator_tiers.ingestion.validating import Validated, validate_rows
from tests.contracts.test_telling_rows import ROWS, frame, with_one

pytestmark = pytest.mark.contract


def judged(folder: Path, files: dict[str, pa.Table]) -> Validated:
    """What validation says of rows that lie in a file each."""
    paths = {}
    for name, rows in files.items():
        at = rows.column_names.index("file_id")
        paths[name] = folder / f"{name}.parquet"
        pq.write_table(plain(rows).set_column(at, "file_id", pa.array([name * 64] * ROWS)), paths[name])
    return validate_rows({"post_observations": paths}, "run", datetime(2026, 11, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def chunks_of_a_third(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validating, "VALIDATION_ROWS", ROWS // 3)


def test_a_large_file_in_order_has_one_result_a_check(tmp_path: Path) -> None:
    found = judged(tmp_path, {"a": frame()})

    said = [one["expectation"] for one in found.results]
    assert len(said) == len(set(said)) > 5
    assert {one["outcome"] for one in found.results} == {"passed"}
    assert any(one["observed"] == f"0 of {ROWS} values break it" for one in found.results)
    assert found.guilty == {}


def test_a_file_that_breaks_its_contract_is_found_among_others(tmp_path: Path) -> None:
    bad = frame(views=with_one(list(range(ROWS)), 10**13))

    found = judged(tmp_path, {"a": frame(), "b": bad, "c": frame()})

    assert list(found.guilty) == ["b"]
    assert "views" in found.guilty["b"]
