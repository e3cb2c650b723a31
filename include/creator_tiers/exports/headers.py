"""Column names: normalised, then matched to the fields of a family of formats."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

UNUSED = "unused"
_DROPPED = dict.fromkeys(map(ord, "\ufeff\u00ad\u200b"))


def normalise(name: str) -> str:
    """A column name as it is compared: NFC, no invisible marks, white space collapsed, case folded."""
    return tidy(name).casefold()


def tidy(name: str) -> str:
    """A column name as it is shown: NFC, no invisible marks, white space collapsed."""
    return " ".join(unicodedata.normalize("NFC", name).translate(_DROPPED).split())


@dataclass(frozen=True, slots=True)
class Mapped:
    """A header read with one family's names.

    Attributes:
        fields: field name to the column's position; on a clash the first column.
        unknown: positions of the columns that the family does not know.
    """

    fields: Mapping[str, int]
    unknown: tuple[int, ...]

    def has(self, *names: str) -> bool:
        """Whether the header has all of these fields."""
        return all(name in self.fields for name in names)


def map_header(header: Sequence[str], family: str) -> Mapped:
    """Match a header to a family's fields.

    Raises:
        KeyError: there is no such family in `headers.yaml`.
    """
    names = _families()[family]
    fields: dict[str, int] = {}
    unknown = []
    for position, cell in enumerate(header):
        field = names.get(normalise(cell))
        if field is None or (field in fields and field != UNUSED):
            unknown.append(position)
        elif field != UNUSED:
            fields[field] = position
    return Mapped(fields, tuple(unknown))


def family_fields(family: str) -> tuple[str, ...]:
    """Every field that a family may have."""
    return tuple(dict.fromkeys(field for field in _families()[family].values() if field != UNUSED))


def usual_name(family: str, field: str) -> str:
    """A field's name as the platform writes it in English: the first of `headers.yaml`."""
    return str(_raw()[family][field][0])


@cache
def _raw() -> Mapping[str, Mapping[str, Sequence[str]]]:
    content: Mapping[str, Mapping[str, Sequence[str]]] = yaml.safe_load(
        (Path(__file__).parent / "headers.yaml").read_text(encoding="utf-8")
    )
    return content


@cache
def _families() -> Mapping[str, Mapping[str, str]]:
    return {
        family: {normalise(alias): field for field, aliases in fields.items() for alias in aliases}
        for family, fields in _raw().items()
    }
