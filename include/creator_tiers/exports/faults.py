"""Why an export file or a row of it is refused: the rules by name, and the exception that carries one."""

from __future__ import annotations

from typing import Final

RULES: Final = {
    "unknown_format": "the file has no known header",
    "missing_column": "a column that the format needs is missing",
    "wrong_column_type": "a column that the format needs holds something else than its header says",
    "bad_encoding": "the bytes are neither UTF-8 nor UTF-16 nor code page 1252",
    "bad_structure": "the file is damaged: it cannot be read as the container that it claims to be",
    "bad_cell": "a cell cannot be read as what its column holds",
    "bad_date": "a cell cannot be read as a date",
    "ambiguous_date": "a date may be day-month or month-day, and the file does not tell",
    "wrong_cell_count": "the record has more or fewer cells than the header",
    "missing_post_id": "the row names no post",
    "unusable_id": "the id was ruined by a spreadsheet, or is none of this platform's",
    "out_of_range": "a number or a time that cannot be",
    "not_a_handle": "the cell that should hold the account's handle does not",
    "conflicting_duplicate": "the same account twice in one list, with different values",
    "too_many_rejected": "so many rows were refused that the file is refused as a whole",
    "archive_limit": "an archive that is too deep, too large or too many files",
    "platform_mismatch": "the folder names another platform than the content",
    "missing_order": "a line item whose order is not in the file, or a row that names no order",
    "missing_account": "neither the content nor the folder names the account",
    "not_supported": "a known export that the pipeline has no use for",
    "line_too_long": "a single record is longer than any export's",
    "broken_contract": "accepted rows break an expectation of severity fail",
    "unreadable": "the file cannot be opened",
    "bad_sidecar": "the .meta.yaml beside the file cannot be used",
    "too_many_columns": "more columns than any export has",
}
"""Every quarantine rule and what it means."""


class RefusedFileError(Exception):
    """A file that cannot be used as a whole.

    Attributes:
        rule: a key of `RULES`.
        message: what is wrong and what to do.
        column: the header concerned, where there is one.
        rows: the file's rows, where the one who refuses it has counted them.
    """

    def __init__(self, rule: str, message: str, column: str | None = None, rows: int | None = None) -> None:
        super().__init__(rule, message, column, rows)
        self.rule = rule
        self.message = message
        self.column = column
        self.rows = rows

    def __str__(self) -> str:
        return self.message
