"""How the text of a cell becomes a value: what it can be, what it cannot, and that nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_tiers.exports.evidence import date_order, decimal_style, numeric_dates
from creator_tiers.exports.months import LANGUAGES, month_numbers
from creator_tiers.exports.source import DateField
from creator_tiers.exports.workbench import BLANKS

ERRORS = (" #VALOR! ", "#VALUE!", "#N/A", "#NAME?", "#WERT!", "#¡VALOR!")
Cells = duckdb.DuckDBPyConnection


def evaluate(cells: Cells, expression: str, texts: Iterable[str | None], *values: object) -> list[Any]:
    """An expression over the column `cell`, once for each text."""
    query = f"SELECT {expression} FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS cell)"
    return [row[0] for row in cells.execute(query, [*values, list(texts)]).fetchall()]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cell", "style", "count"),
    [
        ("0", None, 0),
        ("007", None, 7),
        ("191265", None, 191265),
        ("-5", None, -5),
        ("+5", None, 5),
        ("12100212.0", None, 12100212),
        ("12100212.0", "point", 12100212),
        ("5.0", "comma", None),
        ("12.5", None, None),
        ("1.234", None, None),
        ("1.234", "comma", 1234),
        ("1.234", "point", None),
        ("1.234", "mixed", None),
        ("5,431", None, 5431),
        ("5,431", "point", 5431),
        ("5,431", "comma", None),
        ("5,431", "mixed", None),
        ("1,234,567", None, 1234567),
        ("1.234.567", "comma", 1234567),
        ("1,234.0", "point", 1234),
        ("1,234.5", "point", None),
        ("12,34,567", None, None),
        ("1 234 567", None, 1234567),
        ("1\u202f234", None, 1234),
        ("1\u00a0234", None, 1234),
        ("1’234", None, 1234),
        ("1.2K", None, 1200),
        ("1,2M", None, 1200000),
        ("409.8M", None, 409800000),
        ("3M", None, 3000000),
        ("2b", None, 2000000000),
        ("1.5 K", None, 1500),
        ("1.234K", None, None),
        ("1.234K", "point", 1234),
        ("1.234K", "comma", 1234000),
        ("-1.2K", None, -1200),
        ("1e5", None, None),
        ("6.54E+17", None, None),
        ("99999999999999999999999", None, None),
        ("9223372036854775807", None, 9223372036854775807),
        ("999999999999999999B", None, None),
        ("٣", None, None),
        ("1_000", None, None),
        ("0x10", None, None),
        ("12 apples", None, None),
        ("=1+1", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_counts(cells: Cells, cell: str | None, style: str | None, count: int | None) -> None:
    assert evaluate(cells, "parse_count(cell, CAST(? AS VARCHAR))", [cell], style) == [count]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cell", "style", "amount"),
    [
        ("12", None, "12"),
        ("12.5", None, "12.5"),
        ("12.50", None, "12.50"),
        ("-12.3456", None, "-12.3456"),
        ("0.125", None, "0.125"),
        ("1234.125", None, "1234.125"),
        ("1.500", None, None),
        ("-1.500", None, None),
        ("$1.500", None, None),
        ("1.500", "mixed", None),
        ("1.500", "point", "1.5"),
        ("1.500", "comma", "1500"),
        ("1.500 EUR", "comma", "1500"),
        ("1,500", None, "1500"),
        ("1,500", "point", "1500"),
        ("1,500", "comma", "1.5"),
        ("1,500", "mixed", None),
        ("1,234.50", "point", "1234.50"),
        ("1.234,50", "comma", "1234.50"),
        ("$12", None, "12"),
        ("12 EUR", None, "12"),
        ("1e3", None, None),
        ("(5.00)", None, None),
        ("12.", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_amounts(cells: Cells, cell: str | None, style: str | None, amount: str | None) -> None:
    [found] = evaluate(cells, "parse_money(cell, CAST(? AS VARCHAR))", [cell], style)
    assert found == (None if amount is None else Decimal(amount))


@pytest.mark.unit
@pytest.mark.parametrize(
    "cell",
    [
        "",
        "  ",
        "\u00a0",
        "\u200b",
        "-",
        "--",
        "—",
        "N/A",
        "n/a",
        "NA",
        "null",
        "None",
        "NaN",
        "undefined",
        *ERRORS,
    ],
)
def test_spellings_of_no_value_are_null(cells: Cells, cell: str) -> None:
    assert evaluate(cells, "clean_value(cell)", [cell]) == [None]


@pytest.mark.unit
def test_every_spelling_of_no_value_is_none_whatever_its_length(cells: Cells) -> None:
    [words] = cells.execute("SELECT getvariable('no_values')").fetchone() or ([],)
    spellings = [spelled for word in words for spelled in (word, word.upper())]

    assert len(spellings) > 10
    assert set(evaluate(cells, "clean_value(cell)", spellings)) == {None}


@pytest.mark.property
@given(
    texts=st.lists(
        st.text(alphabet=f"a~!é{chr(0x301)}{chr(0x200D)}{chr(0xFE0F)}😀{BLANKS}", max_size=6), max_size=80
    )
)
@settings(max_examples=20)
def test_cells_are_trimmed_at_both_ends(cells: Cells, texts: list[str]) -> None:
    trimmed = [text.strip(BLANKS) or None for text in texts]

    assert evaluate(cells, "clean_text(cell)", texts) == trimmed
    assert evaluate(cells, "clean_many(cell)", texts) == trimmed


@pytest.mark.unit
@pytest.mark.parametrize("cell", ["0", "none of it", "-1", "nan0", "N/A!", "9"])
def test_what_is_no_such_spelling_stays(cells: Cells, cell: str) -> None:
    assert evaluate(cells, "clean_value(cell)", [f"\ufeff {cell}\t"]) == [cell]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cell", "order", "instant"),
    [
        ("2026-05-09", None, "2026-05-09T00:00:00"),
        ("2026-05-09T18:00:00Z", None, "2026-05-09T18:00:00"),
        ("2026-05-09T18:00:00+0000", None, "2026-05-09T18:00:00"),
        ("2022-01-11 04:32:30 -0500", None, "2022-01-11T09:32:30"),
        ("2026-05-09T18:00+05:30", None, "2026-05-09T12:30:00"),
        ("2026-05-09 18:00:00.123456", None, "2026-05-09T18:00:00.123456"),
        ("2026-13-09", None, None),
        ("2026-02-30", None, None),
        ("Mar 25, 2023", None, "2023-03-25T00:00:00"),
        ("March 25, 2023 1:05 PM", None, "2023-03-25T13:05:00"),
        ("8-May-20", None, "2020-05-08T00:00:00"),
        ("25 mars 2023", None, "2023-03-25T00:00:00"),
        ("8 de marzo de 2024", None, "2024-03-08T00:00:00"),
        ("3. Oktober 2024", None, "2024-10-03T00:00:00"),
        ("10 января 2024", None, "2024-01-10T00:00:00"),
        ("2024年9月6日", None, "2024-09-06T00:00:00"),
        ("10 tháng Tám 2024", None, "2024-08-10T00:00:00"),
        ("Feb 30, 2023", None, None),
        ("someday", None, None),
        ("13-06-2025", None, "2025-06-13T00:00:00"),
        ("6/13/2025 10:00", None, "2025-06-13T10:00:00"),
        ("05-06-2025", None, None),
        ("05-06-2025", "dmy", "2025-06-05T00:00:00"),
        ("05-06-2025", "mdy", "2025-05-06T00:00:00"),
        ("09-09-2020", None, "2020-09-09T00:00:00"),
        ("13-13-2020", None, None),
        ("31/12/99", None, "2099-12-31T00:00:00"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_times(cells: Cells, cell: str | None, order: str | None, instant: str | None) -> None:
    [found] = evaluate(cells, "parse_timestamp(cell, CAST(? AS VARCHAR))", [cell], order)

    assert (found and found.isoformat()) == instant


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cell", "month", "day"),
    [
        ("July 16", 7, 16),
        ("16 July", 7, 16),
        ("8 de marzo", 3, 8),
        ("8 de março", 3, 8),
        ("10 января", 1, 10),
        ("9月6日", 9, 6),
        ("9월 6일", 9, 6),
        ("10 tháng Tám", 8, 10),
        ("10 tháng 8", 8, 10),
        ("1 tháng Mười Hai", 12, 1),
        ("6. September", 9, 6),
        ("6 sept.", 9, 6),
        ("1 août", 8, 1),
        ("1 mei", 5, 1),
        ("5 maj", 5, 5),
        ("5 Foo", None, 5),
        ("2026-07-16", 7, 16),
        ("2026-07-16 00:00:00", 7, 16),
    ],
)
def test_dates_without_a_year(cells: Cells, cell: str, month: int | None, day: int) -> None:
    assert evaluate(cells, "[named_month(cell), named_day(cell)]", [cell]) == [[month, day]]


@pytest.mark.unit
def test_no_month_name_means_two_months() -> None:
    assert set(month_numbers().values()) == set(range(1, 13))
    assert len(LANGUAGES) == len(set(LANGUAGES))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("29", 29),
        ("29.5", 29.5),
        ("3:25", 205),
        ("0:03:25", 205),
        ("10:00:00", 36000),
        ("-5", None),
        ("1:2:3:4", None),
        ("3:5", None),
        ("PT3M", 180),
        ("P1DT1H2M3S", 90123),
        ("P0D", 0),
        ("PT", None),
        ("PT3", None),
        ("", None),
    ],
)
def test_durations(cells: Cells, cell: str, seconds: float | None) -> None:
    assert evaluate(cells, "parse_duration(cell)", [cell]) == [seconds]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("permalink", "key"),
    [
        ("https://www.instagram.com/p/DAbc_-1/", "DAbc_-1"),
        ("https://www.instagram.com/reel/DAbc/?x=1", "DAbc"),
        ("https://instagram.com/some.one/reel/DAbc/", "DAbc"),
        ("https://www.facebook.com/100/posts/200?x=1", "100/posts/200"),
        ("https://www.facebook.com/reel/200/", "reel/200"),
        ("https://example.com/p/DAbc/", None),
        (None, None),
    ],
)
def test_permalinks(cells: Cells, permalink: str | None, key: str | None) -> None:
    assert evaluate(cells, "permalink_key(cell)", [permalink]) == [key]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("caption", "discloses"),
    [
        ("new shoes #ad", True),
        ("#AD new shoes", True),
        ("(#ad)", True),
        ("#Anzeige", True),
        ("Paid  partnership with Shoes", True),
        ("#adventure", False),
        ("#ad_free", False),
        ("#adé", False),
        ("mad about", False),
        ("##ad", False),
        (None, False),
    ],
)
def test_disclosures(cells: Cells, caption: str | None, discloses: bool) -> None:
    assert evaluate(cells, "discloses(cell)", [caption]) == [discloses]


def written(number: int, group: str, mark: str, decimals: str) -> str:
    return f"{number:,}".replace(",", group) + (mark + decimals if decimals else "")


@pytest.mark.property
@given(
    numbers=st.lists(st.integers(0, 10**13), min_size=1, max_size=30),
    style=st.sampled_from([(",", ".", "point"), (".", ",", "comma")]),
)
@settings(max_examples=25)
def test_grouped_counts_of_a_file_that_shows_its_marks(
    cells: Cells, numbers: list[int], style: tuple[str, str, str]
) -> None:
    group, mark, name = style
    texts = [written(number, group, mark, "") for number in [*numbers, 1234567]]
    cells.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT unnest(CAST(? AS VARCHAR[])) AS c0", [texts])
    found = decimal_style(cells, [0])
    cells.execute("DROP TABLE temp.raw")

    assert found == name
    assert evaluate(cells, "parse_count(cell, ?)", texts, found) == [*numbers, 1234567]


@pytest.mark.property
@given(texts=st.lists(st.text(alphabet="0123456789.,'+-KMB \u00a0", max_size=14), max_size=60))
@settings(max_examples=20)
def test_a_count_has_the_digits_of_its_cell_or_is_unknown(cells: Cells, texts: list[str]) -> None:
    for style in (None, "point", "comma", "mixed"):
        found = evaluate(cells, "parse_count(cell, CAST(? AS VARCHAR))", texts, style)
        for text, count in zip(texts, found, strict=True):
            digits = "".join(one for one in text if one.isdigit()).strip("0")
            assert count is None or str(abs(count)).strip("0") == digits.strip("0"), (text, style, count)


@pytest.mark.property
@given(texts=st.lists(st.text(max_size=40), max_size=100))
@settings(max_examples=12)
def test_no_text_breaks_a_parser(cells: Cells, texts: list[str]) -> None:
    parsers = "parse_count(cell, NULL), parse_duration(cell), parse_timestamp(cell, NULL), "
    parsers += "parse_timestamp(cell, 'dmy'), clean_value(cell), kind_of(cell), permalink_key(cell), "
    parsers += "is_total(cell), discloses(cell), csv_cell(cell)"

    assert len(evaluate(cells, f"row({parsers})", texts)) == len(texts)


DAYS = st.dates(date(2005, 1, 1), date(2030, 12, 31))
SHAPES = {
    "padded": lambda a, b, y: f"{a:02d}-{b:02d}-{y}",
    "bare": lambda a, b, y: f"{a}-{b}-{y}",
    "slash": lambda a, b, y: f"{a:02d}/{b:02d}/{y}",
    "short": lambda a, b, y: f"{a:02d}/{b:02d}/{y % 100:02d}",
}


def numeric(day: date, order: str, shape: str) -> str:
    a, b = (day.day, day.month) if order == "dmy" else (day.month, day.day)
    return SHAPES[shape](a, b, day.year)


def read_dates(cells: Cells, texts: list[str]) -> list[date | None]:
    cells.execute("CREATE OR REPLACE TEMP TABLE texts AS SELECT unnest(CAST(? AS VARCHAR[])) AS d", [texts])
    order = date_order(numeric_dates(cells, "d"), DateField())
    cells.execute("DROP TABLE temp.texts")
    found: list[datetime | None] = evaluate(cells, "parse_timestamp(cell, CAST(? AS VARCHAR))", texts, order)
    return [one and one.date() for one in found]


@pytest.mark.property
@given(
    days=st.lists(DAYS, min_size=1, max_size=20),
    order=st.sampled_from(["dmy", "mdy"]),
    shape=st.sampled_from(["padded", "slash", "short"]),
)
@settings(max_examples=20)
def test_one_decidable_date_decides_the_file(cells: Cells, days: list[date], order: str, shape: str) -> None:
    decider = date(2021, 7, 16)

    found = read_dates(cells, [numeric(day, order, shape) for day in [decider, *days]])

    assert found == [decider, *days]


@pytest.mark.property
@given(
    days=st.lists(st.tuples(DAYS, st.booleans()), min_size=1, max_size=20),
    order=st.sampled_from(["dmy", "mdy"]),
    shapes=st.permutations(list(SHAPES)),
)
@settings(max_examples=25)
def test_a_half_converted_file_has_no_wrong_date(
    cells: Cells, days: list[tuple[date, bool]], order: str, shapes: list[str]
) -> None:
    other = "mdy" if order == "dmy" else "dmy"
    texts = [
        # A spreadsheet of the other order takes `05-06` for what it is not, and writes that in its own way.
        numeric(day, order, shapes[0])
        if day.day > 12 or not convert
        else numeric(date(day.year, day.day, day.month), other, shapes[1])
        for day, convert in days
    ]
    truth = [day for day, _ in days]

    for day, found in zip(truth, read_dates(cells, texts), strict=True):
        assert found in (None, day), texts


@pytest.mark.property
@given(seconds=st.lists(st.integers(0, 400_000), max_size=40))
@settings(max_examples=20)
def test_durations_are_read_back(cells: Cells, seconds: list[int]) -> None:
    texts = [str(timedelta(seconds=one % 86400)) for one in seconds]
    texts += [f"{one // 3600}:{one // 60 % 60:02d}:{one % 60:02d}" for one in seconds]

    assert evaluate(cells, "parse_duration(cell)", texts) == [*(one % 86400 for one in seconds), *seconds]
