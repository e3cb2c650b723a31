"""What a format says in SQL, ready for the tables of the workbench; why a record is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VALUE = re.compile(r'(?<!")\bv\.([a-z_]+)\b')


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is refused. `typed.fault` is its number in the list of faults.

    Attributes:
        rule: the rule's name.
        field: the field, or the dataset's column, that it is about; empty for the whole record.
        when: SQL over `valued AS t` that finds it; empty where no record has it, and for the checks of the dataset's
            description.
    """

    rule: str
    field: str
    when: str = ""


def with_values(sql: str) -> str:
    """A fragment of a format's SQL with `v.<field>` as the column of `valued AS t` that it stands for."""
    return _VALUE.sub(r't."v.\1"', sql)
