"""What a format is: how its header is recognised and how its cells become a dataset's columns.

A format is data plus fragments of DuckDB SQL. The fragments see one row: `t.<field>` is a field's cleaned text
(NULL where the file lacks the column), `v.<field>` its value where the format declares a type, and the variables
`observed_at`, `anchor`, `period_start`, `handle` and `platform` are there through `getvariable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from creator_tiers.exports.headers import Mapped

if TYPE_CHECKING:
    import pyarrow as pa

    from creator_tiers.exports.layouts import Layout

Treatment = Literal["rows", "ignored", "refused"]


@dataclass(frozen=True, slots=True)
class DateField:
    """A field that holds a time.

    Attributes:
        zone: the zone of a time without an offset.
        native: SQL with one `{}` for the cell: the platform's own way to write the time, exactly, NULL for any other.
            A file in which every cell is native needs no look at the order of its dates.
        native_order: `mdy` or `dmy` where the platform itself always writes numeric dates so.
        native_shape: the beginning of `date_shape` of the platform's own dates.
        may_be_later: it may lie after the time of observation, as a plan does.
        needs_offset: a time without an offset is taken as UTC and flagged `no_offset`.
    """

    zone: str = "UTC"
    native: str = "CAST(NULL AS TIMESTAMP)"
    native_order: str | None = None
    native_shape: str | None = None
    may_be_later: bool = False
    needs_offset: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A reason to refuse a row: the rule, the field to show, and the SQL that finds it."""

    rule: str
    field: str
    when: str


@dataclass(frozen=True, slots=True)
class Output:
    """Rows for one dataset of the lake.

    Attributes:
        dataset: the table's name in the layer `lake`.
        columns: column name to SQL; columns that every dataset has are filled in by the reader.
        duplicate_key: the columns that identify a fact inside one file.
        conflicts: what becomes of a second row with the same key and other values: both are `kept`, or the
            later one is refused as a `conflicting_duplicate`.
        where: SQL: the rows that have something for this dataset.
        each: SQL: a list. The dataset gets a row for each member, `t.item`, at its place `t.position` (from 1).
    """

    dataset: str
    columns: Mapping[str, str]
    duplicate_key: tuple[str, ...]
    conflicts: Literal["kept", "rejected"] = "kept"
    where: str = "true"
    each: str | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """Records that continue another one, as the further line items of an order do.

    They share the fate of the record that begins, whatever stands between them; one fault refuses them all.

    Attributes:
        key: the field that they share.
        begins: SQL: the record begins a fact.
    """

    key: str
    begins: str


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of a format are read.

    Attributes:
        required: fields without whose columns the file is refused.
        counts: fields that hold whole numbers.
        money: fields that hold amounts: decimals, never floats.
        durations: fields that hold a playing time.
        dates: fields that hold a time.
        texts: fields that are prose: no spelling of "no value" but blank.
        ignore: SQL: rows that are no data.
        rejects: reasons to refuse a row, the first that fits.
        outputs: the datasets; the first is the one whose rows are counted.
        may_be_negative: counts that the platform lets fall below 0.
        hidden_counts: counts in which -1, a constant 3, or nothing beside known comments, stand for a value that the
            account hides.
        flags: what a reader should know of a row: the flag to the SQL that finds it.
        anchor: SQL over all rows (`texts`): an instant in the content that dates without a year hang on. It may use
            the variable `known_at`, the best time of observation from outside the content.
        anchor_is_observation: the anchor is when the platform counted.
        redundant: fields that other fields tell better; they are not kept.
        handle_fields: fields of which one is the handle: the one whose cells look like handles most often.
        needs_account: without an account from content or folder the file is refused when it is loaded.
        fold: which records continue another one.
        is_private: the file holds personal data: no unknown column is kept, and no cell is shown in the quarantine.
    """

    required: tuple[str, ...]
    outputs: tuple[Output, ...]
    counts: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    dates: Mapping[str, DateField] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    ignore: str = "false"
    rejects: tuple[Reject, ...] = ()
    may_be_negative: tuple[str, ...] = ()
    hidden_counts: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    anchor: str | None = None
    anchor_is_observation: bool = False
    redundant: tuple[str, ...] = ()
    handle_fields: tuple[str, ...] = ()
    needs_account: bool = False
    fold: Fold | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Tabulated:
    """A file that is no single table, read as one.

    Attributes:
        layout: the header of the one table.
        batches: its records, as `delimited.read_batches` yields them.
    """

    layout: Layout
    batches: Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of export files.

    Attributes:
        name: as users see it.
        family: its section in `headers.yaml`.
        recognises: whether a header is this format's.
        platform: whose export it is; None where the file or the folder tells.
        rows: how to read it; None for files that are recognised only to be set aside.
        treatment: `rows` are read, `ignored` is fine and of no use, `refused` needs somebody's attention.
        reason: why it is ignored or refused, and what to export instead.
        head: whether the text before any header is this format's, for files with a preamble.
        tabulate: reads a file (path, encoding) that is no single table as one.
        folder: where in landing its files belong; by default the platform's folder and the account's in it.
    """

    name: str
    family: str
    recognises: Callable[[Mapped], bool]
    platform: str | None = None
    rows: Rows | None = None
    treatment: Treatment = "rows"
    reason: str = ""
    head: Callable[[str], bool] | None = None
    tabulate: Callable[[Path, str], Tabulated] | None = None
    folder: str | None = None

    @property
    def home(self) -> str | None:
        """The first folder in landing that its files belong into; None where they may lie anywhere."""
        return self.folder.split("/")[1] if self.folder else self.platform


POST_KEY = ("post_key",)


def handle_sql(*candidates: str) -> str:
    """SQL for a handle as keys have it: trimmed, without one leading `@`, lower case.

    Args:
        candidates: SQL of texts; the first that is known. Each is made bare by itself: of a column of few values DuckDB
            then does so once a value, not once a row.
    """
    bare = [f"bare_handle(trim({candidate}))" for candidate in candidates]
    return bare[0] if len(bare) == 1 else f"coalesce({', '.join(bare)})"


FOLDER_HANDLE = handle_sql("getvariable('handle')")
"""The account that the folder or the sidecar names."""
