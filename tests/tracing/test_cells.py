"""How cells are called."""

from __future__ import annotations

import csv
import io

import pytest

from creator_tiers.errors import ContractError
from creator_tiers.report import build_model
from creator_tiers.report.csv_files import csv_files
from creator_tiers.tracing import CampaignCell, RatioCell, parse_cell
from creator_tiers.tracing.cells import KIND_GROUPS, METRICS, SUBSETS, TIERS
from tests.report.planted import planted

pytestmark = pytest.mark.unit

C1 = RatioCell("instagram", "feed", "er_followers_settled", "micro", "mega")
REACH = RatioCell("instagram", "feed", "er_reach_settled", "micro", "mega")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("C1", C1),
        ("c1/instagram", C1),
        ("C3", RatioCell("youtube", "video", "er_views_settled", "micro", "mega")),
        ("instagram/feed/er_reach_settled/micro-mega", REACH),
        ("instagram/all/er_reach/micro-mega", REACH),
        ("Instagram/er_reach/mega-micro", REACH),
        (
            "youtube/short/er_views/rest-small",
            RatioCell("youtube", "short", "er_views_settled", "small", "rest"),
        ),
        (
            "tiktok/er_views_settled_branded/nano-mid",
            RatioCell("tiktok", "video", "er_views_settled", "nano", "mid", "branded"),
        ),
        (
            "tiktok/er_views_own/nano-mid",
            RatioCell("tiktok", "video", "er_views_settled", "nano", "mid", "own"),
        ),
        ("campaign/spring/sale/orders_net", CampaignCell("spring/sale", "orders_net")),
        ("campaign/spring/instagram:a/revenue_net", CampaignCell("spring/instagram:a", "revenue_net")),
    ],
)
def test_a_name_is_a_cell(text: str, cell: RatioCell | CampaignCell) -> None:
    assert parse_cell(text) == cell
    assert parse_cell(cell.name) == cell


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No cell is called"),
        ("instagram", "No cell is called"),
        ("facebok/feed/er_reach/micro-mega", "No cell is called"),
        ("youtube/er_views/micro-mega", "kind groups of youtube are video, short"),
        ("instagram/feed/er/micro-mega", "metrics are er_followers_settled"),
        ("instagram/feed/er_reach/micro-micro", "two of nano"),
        ("instagram/feed/er_reach/micro-rest", "two of nano"),
        ("instagram/feed/er_reach/micro", "two of nano"),
        ("C99", "There is no claim C99; there are C0"),
        ("C4", "not about creator rates"),
        ("C1/tiktok", "judged on instagram"),
        ("campaign/orders_net", "campaign/<campaign>/<measure>"),
        ("campaign/spring/orders", "measures are orders_gross"),
    ],
)
def test_what_is_no_cell_is_told_how_cells_are_called(text: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        parse_cell(text)


def test_the_names_are_those_of_the_comparison() -> None:
    from creator_tiers.comparison import coded, rates

    assert METRICS == coded.METRICS
    assert SUBSETS == rates.SUBSETS
    assert TIERS == rates.ARMS
    assert {group for groups in KIND_GROUPS.values() for group in groups} == set(coded.KIND_GROUPS)


def test_the_cells_of_comparison_csv_are_found() -> None:
    rows = csv.DictReader(io.StringIO(csv_files(build_model(planted()))["comparison.csv"]))
    cells = [row["cell"] for row in rows]
    assert len(cells) > 3
    for cell in cells:
        found = parse_cell(cell)
        assert isinstance(found, RatioCell)
        assert found.name == cell
