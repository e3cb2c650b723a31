"""Columns to CSV bytes, each platform's way of quoting. Columns are pyarrow string arrays; NULL is a blank cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Quoting = Literal["spaces", "needed", "texts"]
"""`spaces`: also cells with a blank, as PHP does (Meta); `needed`: as RFC 4180; `texts`: every cell."""

_PATTERNS = {"spaces": '[,"\\n\\r\\t\\\\ ]', "needed": '[,"\\n\\r]'}
BOM = b"\xef\xbb\xbf"


def text(values: Any) -> pa.Array:
    """A string array of any sequence of texts, None as NULL."""
    return pa.array(values, type=pa.string())


def integers(values: Any, known: Any = None) -> pa.Array:
    """Whole numbers as text; blank where the mask `known` is False."""
    mask = None if known is None else ~np.asarray(known, dtype=bool)
    return pc.cast(pa.array(np.asarray(values, dtype=np.int64), mask=mask), pa.string())


def decimals(values: Any, places: int) -> pa.Array:
    """Numbers with at most so many decimal places, trailing zeros cut, as YouTube writes them."""
    scaled = np.rint(np.asarray(values, dtype=np.float64) * 10**places).astype(np.int64)
    whole, part = np.divmod(scaled, 10**places)
    digits = pc.utf8_rtrim(pc.utf8_lpad(integers(part), places, "0"), "0")
    tail = pc.if_else(pc.equal(digits, ""), "", pc.binary_join_element_wise("", digits, "."))
    return pc.binary_join_element_wise(integers(whole), tail, "")


def quote(values: pa.Array, quoting: Quoting) -> pa.Array:
    """The cells as they stand in a file; inner quotes doubled. NULL stays NULL."""
    doubled = pc.replace_substring(values, '"', '""')
    quoted = pc.binary_join_element_wise('"', doubled, '"', "")
    if quoting == "texts":
        return quoted
    return pc.if_else(pc.match_substring_regex(values, _PATTERNS[quoting]), quoted, values)


def records(columns: Sequence[pa.Array]) -> list[str]:
    """One line of text per row, from columns that are already quoted."""
    if not len(columns[0]):
        return []
    joined = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
    lines: list[str] = joined.to_pylist()
    return lines


def header(names: Sequence[str], quoting: Quoting) -> str:
    """A header line."""
    return records([quote(text([name]), quoting) for name in names])[0]


def document(lines: Sequence[str], *, newline: str = "\n", bom: bool = False, last: bool = True) -> bytes:
    """The file's bytes; `last` says whether the last line ends with a line end."""
    body = newline.join(lines) + (newline if last else "")
    return (BOM if bom else b"") + body.encode()


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on the members alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in members.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, body)
    return buffer.getvalue()


_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8)


def base64url(values: Any) -> list[str]:
    """11 base64url characters (66 bits) of each non-negative 63-bit integer, as short codes are written."""
    numbers = np.asarray(values, dtype=np.uint64)
    shifts = np.arange(60, -6, -6, dtype=np.uint64)
    codes = _ALPHABET[((numbers[:, None] >> shifts) & np.uint64(63)).astype(np.int64)]
    return [str(one) for one in np.ascontiguousarray(codes).view("S11").ravel().astype("U11").tolist()]
