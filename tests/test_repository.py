"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from creator_tiers.exports.faults import RULES
from creator_tiers.exports.registry import FORMATS, UNKNOWN
from creator_tiers.tables import SQL, tables
from tests.conftest import HERE, pytest_collection_modifyitems, pytest_make_parametrize_id

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[1]
QUERIES = "reads"
"""The folder of `include/sql/` whose queries make no table."""

HEAVY = {
    "duckdb",
    "great_expectations",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sqlglot",
}

FORMAT_NAMES = [
    "awin_transactions",
    "campaigns",
    "cj_commissions",
    "creator_list",
    "exchange_rates",
    "facebook_meta_posts",
    "ga4_report",
    "impact_actions",
    "instagram_graph_api",
    "instagram_meta_posts",
    "instagram_meta_stories",
    "meta_page_metrics",
    "placements",
    "shopify_orders",
    "tiktok_display_api",
    "tiktok_follower_history",
    "tiktok_other",
    "tiktok_overview",
    "tiktok_studio_content",
    "youtube_chart",
    "youtube_data_api",
    "youtube_other_table",
    "youtube_studio_table",
    "youtube_totals",
]

ENVIRONMENT_READERS = [
    "creator_tiers/airflow_local/__main__.py",  # passes its own on to Airflow's processes
    "creator_tiers/airflow_local/instance.py",
    "creator_tiers/airflow_local/local_settings.py",
    "creator_tiers/settings.py",
]

UNWANTED = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(?:home|Users)/[A-Za-z0-9]|[A-Z]:\\Users\\"),
    "a package index of one's own": re.compile(
        r"--(?:extra-)?index[-]url|--find[-]links|--trusted[-]host|PIP_INDEX[_]URL="
    ),
    "a host of a private network": re.compile(
        r"https?://(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[\w.-]+\.(?:internal|corp|lan)\b)"
    ),
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{10,}|"
        r"sk-[A-Za-z0-9]{32,}"
    ),
}


def tracked() -> list[Path]:
    """The files that git keeps."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files belong to the repository is not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_every_description_loads_and_every_query_has_one() -> None:
    described = {f"{path.parent.name}.{path.stem}" for path in SQL.glob("*/*.yaml")}
    assert set(tables()) == described
    assert described >= {"lake.post_observations", "lake.rejected_rows"}
    queries = {
        f"{path.parent.name}.{path.stem}" for path in SQL.rglob("*.sql") if path.parent.name != QUERIES
    }
    assert queries - described == set()


def test_every_query_has_a_way_to_be_written_and_nothing_else_has() -> None:
    assert {
        table.full_name for table in tables().values() if (table.query is None) != (table.write is None)
    } == set()


def test_every_column_and_table_says_what_it_is() -> None:
    for table in tables().values():
        assert table.grain, table.full_name
        assert table.owner, table.full_name
        assert len(table.description) > 20, table.full_name
        for column in table.columns:
            assert column.meaning.strip(), f"{table.full_name}.{column.name}"


def test_names_follow_the_house() -> None:
    for table in tables().values():
        for column in table.columns:
            name = f"{table.full_name}.{column.name}"
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), name
            if column.type == "timestamp":
                assert re.search(r"_at(_d\d+|_settled|_latest)?$|^as_of$", column.name), (
                    f"{name}: an instant ends in _at"
                )
                assert column.unit == "UTC", f"{name}: an instant is UTC"
            if column.name.endswith("_at"):
                assert column.type == "timestamp", f"{name}: _at is an instant"
            if column.type == "boolean":
                assert re.match(r"(is|has|was)_", column.name), (
                    f"{name}: a boolean begins with is_, has_ or was_"
                )
            if column.name.endswith("_on"):
                assert column.type == "date", f"{name}: _on is a date"


def test_every_rejecting_rule_is_a_known_one() -> None:
    rules = {check.rule for table in tables().values() for check in table.checks if check.rule}
    assert rules
    assert rules - set(RULES) == set()


def test_formats_are_exactly_these() -> None:
    names = [one.name for one in FORMATS]
    assert len(names) == len(set(names))
    assert UNKNOWN not in names
    assert sorted(names) == FORMAT_NAMES


def test_no_file_holds_what_belongs_to_one_machine_or_is_secret() -> None:
    this = str(ROOT)
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {what}" for what, sign in UNWANTED.items() if sign.search(text)]
        if this in text:
            found.append(f"{path.relative_to(ROOT)}: the path of this checkout")
    assert found == []


@pytest.mark.parametrize("what", UNWANTED)
def test_the_signs_of_unwanted_things_are_seen(what: str) -> None:
    examples = {
        "a path of somebody's machine": "see /" + "home/ann/x",
        "a package index of one's own": "--index" + "-url x",
        "a host of a private network": "http://" + "pypi.acme.internal/simple",
        "a secret": "-----BEGIN RSA " + "PRIVATE KEY-----",
    }
    assert UNWANTED[what].search(examples[what])


def test_data_and_caches_are_not_kept() -> None:
    kept = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert [
        name for name in kept if re.search(r"\.(pyc|duckdb|sqlite|parquet)$|(^|/)(data|\.venv)/", name)
    ] == []


def test_dag_files_import_nothing_heavy_at_the_top() -> None:
    files = sorted((ROOT / "dags").glob("*.py"))
    assert files
    for path in files:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            heavy = {name.split(".")[0] for name in names} & HEAVY
            assert not heavy, f"{path.name} imports {heavy} when it is parsed"


def test_only_settings_read_the_environment() -> None:
    readers = [
        path.relative_to(ROOT / "include").as_posix()
        for path in sorted((ROOT / "include" / "creator_tiers").rglob("*.py"))
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    ]
    assert readers == ENVIRONMENT_READERS


def _item(*marks: str) -> Any:
    added: list[Any] = []
    return SimpleNamespace(
        nodeid="tests/x.py::test",
        iter_markers=lambda: [SimpleNamespace(name=name) for name in marks],
        add_marker=added.append,
        added=added,
    )


def test_a_test_without_a_marker_is_refused() -> None:
    with pytest.raises(pytest.UsageError, match=r"tests/x\.py::test"):
        pytest_collection_modifyitems([_item("unit"), _item("parametrize")])


def test_pure_tests_have_no_network_and_others_this_machine_only() -> None:
    pure, mixed = _item("unit", "parametrize"), _item("unit", "e2e")
    pytest_collection_modifyitems([pure, mixed])
    assert [mark.name for mark in pure.added] == ["disable_socket"]
    assert [(mark.name, mark.args) for mark in mixed.added] == [("allow_hosts", (HERE,))]


def test_a_case_is_named_the_same_by_every_worker() -> None:
    assert pytest_make_parametrize_id(b"PK\x03\x04" + 100 * b"\x00", "content") == "content"
    assert pytest_make_parametrize_id(b"a,b\n", "content") is None
