"""Published values are matched by definition and greyed where it is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from creator_tiers.comparison.benchmarks import SEED, beside, load_benchmarks

HEAD = SEED.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.unit
def test_every_shipped_value_has_year_publisher_definition_and_source() -> None:
    rows = load_benchmarks()

    assert len(rows) >= 6
    assert all(one.url.startswith("https://") and 2018 < one.year < 2027 for one in rows)


@pytest.mark.unit
def test_another_definition_is_greyed(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.csv"
    path.write_text(
        f"{HEAD}\n"
        "P,r,2024,instagram,micro,likes + comments,views,mean,0.02,https://x\n"
        "P,r,2023,instagram,micro,likes + comments,followers,mean,0.03,https://x\n"
        "P,r,2024,instagram,micro,likes,followers,mean,0.02,https://x\n"
        "P,r,2024,instagram,micro,not stated,followers,mean,0.02,https://x\n"
        "P,r,2024,tiktok,micro,likes + comments,followers,mean,0.02,https://x\n"
    )
    found = beside("er_followers_settled", "instagram", path)

    assert [why for _, why in found] == [
        *(None, "different denominator", "different numerator", "definition not stated")
    ]
    assert found[0][0].value == 0.03


@pytest.mark.unit
@pytest.mark.parametrize(
    "line",
    ["P,r,2024,instagram", "P,r,now,i,m,l,f,m,0.1,u", "P,r,2024,i,m,l,f,m,12,u", "P,,2024,i,m,l,f,m,0.1,u"],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "benchmarks.csv"
    path.write_text(f"{HEAD}\n{line}\n")

    with pytest.raises(ValueError, match="line 2"):
        load_benchmarks(path)
