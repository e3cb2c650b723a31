"""Which rows are fit: row rules that reject, expectations that stop or warn, all from the table descriptions."""

from creator_tiers.contracts.checks import describe
from creator_tiers.contracts.expectations import ValidationResult, suite, validate
from creator_tiers.contracts.files import FilesVerdict, validate_files
from creator_tiers.contracts.rules import RowRule, row_rules

__all__ = [
    "FilesVerdict",
    "RowRule",
    "ValidationResult",
    "describe",
    "row_rules",
    "suite",
    "validate",
    "validate_files",
]
