"""Valid files, damaged in every way that files get damaged: no crash, no hang, and every row has a fate."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from creator_tiers.exports.inspecting import Inspection, inspect_files
from creator_tiers.exports.reading import Limits

pytestmark = pytest.mark.contract

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
SEED = 20261109
ROUNDS = 3
"""Times that each way of damage meets every kind of file, each time with other luck and another file of the kind."""


def cut(data: bytes, luck: random.Random) -> bytes:
    return data[: luck.randrange(len(data) + 1)]


def cut_the_beginning(data: bytes, luck: random.Random) -> bytes:
    return data[luck.randrange(len(data) + 1) :]


def flip(data: bytes, luck: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(luck.randint(1, 20)):
        changed[luck.randrange(len(changed))] = luck.randrange(256)
    return bytes(changed)


def drop_marks(data: bytes, luck: random.Random) -> bytes:
    mark = luck.choice([b",", b";", b'"', b"\n"])
    return b"".join(part + (mark if luck.random() < 0.9 else b"") for part in data.split(mark))


def double_marks(data: bytes, luck: random.Random) -> bytes:
    mark = luck.choice([b",", b";", b'"', b"\n"])
    return b"".join(part + mark * luck.choice([1, 1, 1, 1, 2]) for part in data.split(mark))


def insert_nul(data: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(data) + 1)
    return data[:place] + b"\0" * luck.randint(1, 3) + data[place:]


def shuffle_columns(data: bytes, luck: random.Random) -> bytes:
    lines = [line.split(b",") for line in data.split(b"\n")]
    order = luck.sample(range(len(lines[0])), len(lines[0]))
    return b"\n".join(b",".join(line[at] for at in order if at < len(line)) for line in lines)


def huge_cell(data: bytes, luck: random.Random) -> bytes:
    place = luck.randrange(len(data) + 1)
    return data[:place] + luck.choice([b"9", b"x", b"\n", b",", b'"']) * 40_000 + data[place:]


def mix_line_ends(data: bytes, luck: random.Random) -> bytes:
    return b"".join(part + luck.choice([b"\n", b"\r\n", b"\r"]) for part in data.split(b"\n"))


def another_mark_of_order(data: bytes, luck: random.Random) -> bytes:
    return (
        luck.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf", b"\n\n"]) + data
    )


def another_encoding(data: bytes, luck: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(luck.choice(["utf-16", "utf-16-be", "cp1252", "utf-7", "utf-32"]), "replace")


def repeat_lines(data: bytes, luck: random.Random) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join(line for line in lines for _ in range(luck.randint(0, 3)))


def odd_values(data: bytes, luck: random.Random) -> bytes:
    cells = data.split(b",")
    odd = [
        b"",
        b"-1",
        b"1e400",
        b"9" * 40,
        b"=1+1",
        b"null",
        b"'",
        b"\\",
        b"31/31/2020",
        "٣".encode(),
        b"\x85",
        b"NaN",
    ]
    return b",".join(luck.choice(odd) if luck.random() < 0.1 else cell for cell in cells)


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    cut,
    cut_the_beginning,
    flip,
    drop_marks,
    double_marks,
    insert_nul,
    shuffle_columns,
    huge_cell,
    mix_line_ends,
    another_mark_of_order,
    another_encoding,
    repeat_lines,
    odd_values,
]
KINDS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.name != "unknown")


def damaged_files(damage: Callable[[bytes, random.Random], bytes], folder: Path) -> list[tuple[str, Path]]:
    files = []
    for kind in KINDS:
        luck = random.Random(f"{SEED} {damage.__name__} {kind}")  # noqa: S311 - no secret
        valid = sorted(path for path in (FIXTURES / kind).iterdir() if path.suffix != ".yaml")
        for number in range(ROUNDS if len(valid) > 1 else 1):
            source = luck.choice(valid)
            target = folder / kind / f"{number} {source.name}"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(damage(source.read_bytes(), luck))
            files.append((f"landing/elsewhere/{kind}/{target.name}", target))
    return files


def assert_every_row_has_a_fate(one: Inspection) -> None:
    fates = (one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored)
    assert one.rows_read == sum(fates), one
    assert min(fates) >= 0, one
    assert sum(one.rejected_by_rule.values()) == one.rows_rejected, one
    assert one.status in ("loaded", "partial", "ignored", "refused"), one
    assert one.message or one.status in ("loaded", "partial"), one
    assert (one.rows_accepted == 0) or one.status in ("loaded", "partial"), one


@pytest.mark.timeout(60)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_files_are_answered(damage: Callable[[bytes, random.Random], bytes], tmp_path: Path) -> None:
    files = damaged_files(damage, tmp_path)

    answers = list(inspect_files(files, Limits()))

    assert {path for path, _ in files} <= {
        one.path if ".zip/" not in one.path else one.path.rsplit("/", 1)[0] for one in answers
    }
    for one in answers:
        assert_every_row_has_a_fate(one)


def test_there_are_hundreds_of_them(tmp_path: Path) -> None:
    count = 0
    for damage in DAMAGES:
        count += len(damaged_files(damage, tmp_path))
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
    assert count >= 300
