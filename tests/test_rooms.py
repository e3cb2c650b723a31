"""The rooms of docs/architecture.md, and that every arrow between them points up its list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import creator_tiers
from creator_tiers.settings import RESOURCES

pytestmark = pytest.mark.unit

PACKAGE = Path(creator_tiers.__file__).parent
PAGE = RESOURCES.parent / "docs" / "architecture.md"


def rooms() -> dict[str, int]:
    """Each module or package of the table to its line there."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## The rooms")
    lines = [line for line in section.partition("## ")[0].splitlines() if line.startswith("| `")]
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        for name in re.findall(r"`([a-z_]+)(?:/|\.py)`", line.split("|")[1]):
            found[name] = number
    return found


def imports(file: Path) -> Iterator[str]:
    """The modules and packages of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "creator_tiers":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from re.findall(r"^creator_tiers\.([a-z_]+)", node.module)
        elif isinstance(node, ast.Import):
            yield from (
                found[1] for one in node.names if (found := re.match(r"creator_tiers\.([a-z_]+)", one.name))
            )


def test_every_room_is_on_the_page() -> None:
    there = {path.stem for path in PACKAGE.glob("[!_]*.py")}
    there |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert there - rooms().keys() == set()


def test_no_arrow_points_down() -> None:
    line = rooms()
    wrong = set()
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        wrong |= {
            f"{file.relative_to(PACKAGE)} uses {used}"
            for used in imports(file)
            if used in line and room in line and line[used] > line[room]
        }

    assert len(line) > 20
    assert wrong == set()
