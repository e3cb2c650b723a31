from __future__ import annotations

import base64
import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_tiers.samples import cells

pytestmark = pytest.mark.unit
TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=1, max_size=8)


@pytest.mark.property
@pytest.mark.parametrize("quoting", ["spaces", "needed", "texts"])
@settings(max_examples=30, deadline=None)
@given(texts=TEXTS)
def test_quoted_cells_come_back(quoting: cells.Quoting, texts: list[str]) -> None:
    column = cells.quote(cells.text(texts), quoting)
    body = cells.document(cells.records([column, column])).decode()
    assert list(csv.reader(io.StringIO(body, newline=""))) == [[one, one] for one in texts]


def test_meta_quotes_cells_with_blanks_and_youtube_does_not() -> None:
    column = cells.text(["plain", "two words", 'a "b"', "a,b", None])
    assert cells.records([cells.quote(column, "spaces")] * 2)[1] == '"two words","two words"'
    assert cells.records([cells.quote(column, "needed")] * 2) == [
        "plain,plain",
        "two words,two words",
        '"a ""b""","a ""b"""',
        '"a,b","a,b"',
        ",",
    ]


@pytest.mark.property
@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=20))
def test_base64url_is_the_standard_one(numbers: list[int]) -> None:
    wanted = [base64.urlsafe_b64encode((number << 6).to_bytes(9, "big")).decode() for number in numbers]
    assert cells.base64url(np.asarray(numbers, dtype=np.int64)) == [code[:11] for code in wanted]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(12.34, 1, "12.3"), (4.0, 1, "4"), (1.23, 2, "1.23"), (0.05, 2, "0.05"), (100, 2, "100")],
)
def test_decimals_have_no_trailing_zeros(value: float, places: int, text: str) -> None:
    assert cells.decimals([value], places).to_pylist() == [text]


def test_a_zip_depends_on_its_members_alone() -> None:
    assert cells.archive({"a.csv": b"x"}) == cells.archive({"a.csv": b"x"})


def test_documents_end_as_the_platform_ends_them() -> None:
    assert cells.document(["a", "b"], newline="\r\n", bom=True) == b"\xef\xbb\xbfa\r\nb\r\n"
    assert cells.document(["a", "b"], last=False) == b"a\nb"
