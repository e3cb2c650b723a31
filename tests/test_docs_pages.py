"""Generated pages: made from descriptions and DAG files, stale ones found."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from creator_tiers import docs_pages
from creator_tiers.docs_pages import dag_page, data_dictionary, main
from creator_tiers.tables import Check, Column, Table

pytestmark = pytest.mark.unit

TABLE = Table(
    layer="core",
    name="made_up",
    grain="a row",
    key=("a",),
    owner="tests",
    description="Made up.",
    columns=(
        Column("a", "text", "one | two", nullable=False),
        Column(
            "b",
            "bigint",
            "how many",
            "rows",
            checks=(Check("between", "b", "reject", "out_of_range", {"min": 0}),),
        ),
    ),
    checks=(
        Check("between", "b", "reject", "out_of_range", {"min": 0}),
        Check("compound_unique", None, "warn", None, {"columns": ["a", "b"]}),
    ),
    write=None,
    query=None,
)

DAG = '''
"""### make_cake: flour in, cake out

**Purpose.** Cake.
"""
from airflow.sdk import dag, task
from shop.pantry import OVEN, FLOUR

@dag(schedule=[FLOUR], tags=["kitchen", "sweet"])
def make_cake() -> None:
    @task
    def knead() -> None:
        """Knead | roll the dough.

        For long.
        """

    @task.sensor(pool=OVEN, retries=2)
    def bake() -> None:
        """Bake it."""

make_cake()
'''


def kitchen(tmp_path: Path, dag: str = DAG) -> tuple[Path, Path]:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "make_cake.py").write_text(dag)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pantry.py").write_text(
        'OVEN = "the_oven"\nFLOUR = Asset("pantry://flour")\nOTHER = 3\n'
    )
    return tmp_path / "dags", tmp_path / "shop"


def test_the_dictionary_tells_all_of_a_table() -> None:
    page = data_dictionary([TABLE], {"out_of_range": "cannot | be"})
    expected = """\
        ### core.made_up

        One row is a row. Made up.

        Key: `a`. Owner: tests. [Description](../include/sql/core/made_up.yaml).

        | column | type | unit | meaning | checks |
        |---|---|---|---|---|
        | `a` | text, not NULL |  | one \\| two |  |
        | `b` | bigint | rows | how many | b at least 0 (reject: out_of_range) |

        Over the whole table: a, b are unique together (warn).
        """
    assert dedent(expected) in page
    assert "| [core](#core) | [made_up](#coremade_up) |" in page
    assert "| `out_of_range` | cannot \\| be |" in page


def test_a_layer_without_a_description_is_an_error() -> None:
    odd = Table("odd", "t", "a row", (), "o", "d", (), (), None, None)
    with pytest.raises(KeyError, match="odd"):
        data_dictionary([odd], {})


def test_the_dag_page_tells_schedule_manual_and_tasks(tmp_path: Path) -> None:
    page = dag_page(*kitchen(tmp_path))
    assert "| [make_cake](#make_cake-flour-in-cake-out) | `['pantry://flour']` | kitchen, sweet |" in page
    assert "## make_cake: flour in, cake out\n\n**Purpose.** Cake.\n" in page
    assert "| `knead` | Knead \\| roll the dough. |  |" in page
    assert "| `bake` | Bake it. | `pool='the_oven'`, `retries=2` |" in page


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("### make_cake: flour in, cake out\n\n**Purpose.** Cake.\n", ""), "docstring"),
        (("@dag(", "@dog("), "@dag"),
    ],
)
def test_a_dag_file_without_a_manual_or_a_dag_is_an_error(
    change: tuple[str, str], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"make_cake.py.*{complaint}"):
        dag_page(*kitchen(tmp_path, DAG.replace(*change)))


def test_check_shows_what_is_stale_and_how_to_refresh_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh, old, missing = tmp_path / "fresh.md", tmp_path / "old.md", tmp_path / "missing.md"
    fresh.write_text("same\n")
    old.write_text("before\n")
    monkeypatch.setattr(docs_pages, "pages", lambda: {fresh: "same\n", old: "after\n", missing: "new\n"})
    assert main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "-before\n+after\n" in said
    assert "+new\n" in said
    assert "2 generated page(s) under docs/ are stale. Refresh them with: make docs" in said
    assert old.read_text() == "before\n"
    assert main([]) == 0
    assert (old.read_text(), missing.read_text()) == ("after\n", "new\n")
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""
