"""How much memory a build may take."""

from __future__ import annotations

import pytest

from creator_tiers.warehouse.memory import LEAST_MB, fair_share, usable_memory

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("memory", "share"), [(2_000_000_000, LEAST_MB), (8_000_000_000, 2_000), (24_000_000_000, 6_000)]
)
def test_a_build_gets_a_quarter_of_the_memory_and_never_too_little(memory, share):
    assert fair_share(memory) == share


def test_the_limit_of_a_container_counts(tmp_path):
    own = tmp_path / "cgroup"
    own.write_text("0::/service/job\n")
    (tmp_path / "service" / "job").mkdir(parents=True)
    (tmp_path / "service" / "job" / "memory.max").write_text("max\n")
    machine = usable_memory(tmp_path / "nowhere", tmp_path / "none")
    assert usable_memory(tmp_path, own) == machine
    (tmp_path / "service" / "memory.max").write_text("3000000000\n")
    (tmp_path / "memory.max").write_text("9000000000\n")
    assert usable_memory(tmp_path, own) == min(machine, 3_000_000_000)


def test_the_older_kind_of_group_counts_too(tmp_path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("1000000000\n")
    assert usable_memory(tmp_path, tmp_path / "none") == 1_000_000_000
    assert fair_share(1_000_000_000) == LEAST_MB
