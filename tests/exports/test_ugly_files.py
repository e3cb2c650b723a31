"""Files as people have them: saved again by a spreadsheet, short of a column, packed, copied from somewhere else."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from creator_tiers.exports.inspecting import Inspection, inspect_files
from creator_tiers.exports.reading import Limits

pytestmark = pytest.mark.contract

VIDEOS = "Content,Video title,Video publish time,Views,Likes\n"
PLACEMENTS = "campaign,platform,handle,fee\nspring,instagram,tea,100\n"
MEDIA = "id,like_count,comments_count,media_type,timestamp,permalink,username,followers\n"
PAGE = "Post ID,Page ID,Page name,Publish time,Permalink,Post type,Date,Views,Comments,Shares\n"
TIKTOK = "Time,Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views\n"


def inspected(folder: Path, path: str, content: str | bytes) -> list[Inspection]:
    file = folder / "landing" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(inspect_files([(str(file), file)], Limits()))
    for one in found:
        fates = (one.rows_accepted, one.rows_duplicate, one.rows_rejected, one.rows_ignored)
        assert one.rows_read == sum(fates)
        assert sum(one.rejected_by_rule.values()) == one.rows_rejected
    return found


def zipped(**members: str) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("line", ["sep=,\n", "sep=,\r\n", '"sep=,"\n', "SEP=,\n"])
def test_a_note_of_the_delimiter_is_no_page_metrics(tmp_path: Path, line: str) -> None:
    [found] = inspected(tmp_path, "campaigns/placements.csv", line + PLACEMENTS)

    assert (found.format, found.status, found.rows_accepted) == ("placements", "loaded", 1)


def test_a_note_of_another_delimiter(tmp_path: Path) -> None:
    content = "sep=;\r\n" + PLACEMENTS.replace(",", ";").replace("\n", "\r\n")
    [found] = inspected(tmp_path, "campaigns/placements.csv", content)

    assert (found.format, found.status, found.rows_accepted) == ("placements", "loaded", 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_text_in_two_bytes_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    content = (VIDEOS + "VIDEO000001,Grünтея,,5,1\n").encode(encoding)
    [found] = inspected(tmp_path, "youtube/tea/a.csv", content)

    assert (found.format, found.status, found.totals["views"]) == ("youtube_studio_table", "loaded", 5)


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        (
            "instagram/tea/a.csv",
            MEDIA.replace("timestamp", "x") + "17900000000000001,1,1,IMAGE,,https://x/,tea,7000\n",
            ("instagram_graph_api", "published ('timestamp')"),
        ),
        (
            "instagram/tea/a.csv",
            MEDIA.replace("id,", "x,", 1) + "17900000000000001,1,1,IMAGE,,https://x/,tea,7000\n",
            ("instagram_graph_api", "post_id ('id')"),
        ),
        (
            "tiktok/tea/a.csv",
            TIKTOK.replace("Video link", "x") + "July 16,T,,July 10,1,1,1,1\n",
            ("tiktok_studio_content", "permalink ('Video link')"),
        ),
        (
            "youtube/tea/a.csv",
            VIDEOS.replace("Content", "x") + "VIDEO000001,T,,5,1\n",
            ("youtube_studio_table", "content ('Video')"),
        ),
        (
            "creators/instagram.csv",
            "handle,display name,category,country\ntea,Tea,Food,DE\n",
            ("creator_list", "followers ('followers')"),
        ),
    ],
)
def test_a_missing_column_is_named(tmp_path: Path, path: str, content: str, told: tuple[str, str]) -> None:
    [found] = inspected(tmp_path, path, content)

    known, column = told
    assert (found.format, found.status, found.rejected_by_rule) == (known, "refused", {"missing_column": 1})
    assert f"{known} needs a column for {column}" in str(found.message)
    assert "docs/runbooks/format-changed.md" in str(found.message)


@pytest.mark.parametrize(
    "content",
    ["title,views,likes,comments,shares\nT,1,1,1,1\n", "name,price,category,country\nTea,1,Food,DE\n"],
)
def test_a_foreign_file_is_near_nothing(tmp_path: Path, content: str) -> None:
    [found] = inspected(tmp_path, "instagram/tea/a.csv", content)

    assert (found.format, found.rejected_by_rule) == ("unknown", {"unknown_format": 1})
    assert "docs/runbooks/format-changed.md" in str(found.message)


def test_a_page_without_reactions_is_a_page(tmp_path: Path) -> None:
    row = "122100000000000001,1001,Tea Page,08/15/2024 10:00,https://www.facebook.com/1001/posts/1,Photos,Lifetime,7,3,2\n"
    [found] = inspected(tmp_path, "facebook/tea/a.csv", PAGE + row)

    assert (found.format, found.status, found.account) == ("facebook_meta_posts", "loaded", "tea")
    assert (found.totals["views"], found.totals["likes"], found.totals["comments"]) == (7, None, 3)


@pytest.mark.parametrize("members", [{}, {"__MACOSX/._a": "x", ".DS_Store": "x"}])
def test_an_archive_of_nothing_is_answered(tmp_path: Path, members: dict[str, str]) -> None:
    [found] = inspected(tmp_path, "youtube/tea/a.zip", zipped(**members))

    assert (found.status, found.rejected_by_rule) == ("refused", {"unknown_format": 0})
    assert "holds no file to read" in str(found.message)


@pytest.mark.parametrize("cell", ["-5", "\u22125", "\u200e-5\u200e", "\u202b-5\u202c"])
def test_a_minus_is_a_minus(tmp_path: Path, cell: str) -> None:
    [found] = inspected(tmp_path, "youtube/tea/a.csv", VIDEOS + f"VIDEO000001,T,,5,{cell}\n")

    assert (found.rows_accepted, found.totals["likes"]) == (1, -5)


def test_marks_of_direction_around_a_handle(tmp_path: Path) -> None:
    [found] = inspected(
        tmp_path, "creators/instagram.csv", "handle,followers\n\u200e@tea\u200f,7000\n\u2068tee\u2069,8000\n"
    )

    assert (found.rows_accepted, found.totals["followers"]) == (2, 15000)


@pytest.mark.parametrize("cell", ["'VIDEO-00001", " VIDEO-00001", "VIDEO-00001"])
def test_a_guarded_id_of_a_video(tmp_path: Path, cell: str) -> None:
    [found] = inspected(tmp_path, "youtube/tea/a.csv", VIDEOS + f"{cell},T,,5,1\nVIDEO-00001,T,,5,1\n")

    assert (found.rows_accepted, found.rows_duplicate) == (1, 1)


@pytest.mark.parametrize("cell", ["'17900000000000001", '"=""17900000000000001"""'])
def test_a_guarded_id_of_a_post(tmp_path: Path, cell: str) -> None:
    rows = "".join(
        f"{one},1,1,IMAGE,2024-05-01T10:00:00+0000,,tea,7000\n" for one in ("17900000000000001", cell)
    )
    [found] = inspected(tmp_path, "instagram/tea/a.csv", MEDIA + rows)

    assert (found.rows_accepted, found.rows_duplicate) == (1, 1)


def test_a_column_that_cannot_be_read_is_told_with_a_cell(tmp_path: Path) -> None:
    content = "handle,followers\ntea,51.190\ntee,8.000\n"
    [found] = inspected(tmp_path, "creators/instagram.csv", content)

    assert found.rejected_by_rule == {"wrong_column_type": 2}
    assert "2 of 2 cells cannot be read, first '51.190' in row 2" in str(found.message)


def test_what_may_name_somebody_is_told_by_its_shape(tmp_path: Path) -> None:
    content = VIDEOS + "VIDEO000001,T,,Ann Example,1\nVIDEO000002,T,,Bob,1\n"
    [found] = inspected(tmp_path, "youtube/tea/a.csv", content)

    assert (found.status, found.totals["views"]) == ("loaded", None)
    assert "'Views' does not hold what it says (first 'xxx xxxxxxx' in row 2)" in str(found.message)


def test_a_file_of_which_nothing_could_be_used_says_so(tmp_path: Path) -> None:
    [found] = inspected(tmp_path, "youtube/tea/a.csv", VIDEOS + "#NAME?,T,,5,1\n,T,,5,1\n")

    assert (found.status, found.rows_rejected) == ("partial", 2)
    assert "no row could be used (missing_post_id, unusable_id)" in str(found.message)


PREAMBLE = "# Property: tea\n# Start date: 20260101\n\n"
SESSIONS = "Date,Session source / medium,Sessions\n20260101,ig / social,10\n20260102,ig / social,12\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_web_sessions_between_any_marks(tmp_path: Path, delimiter: str, encoding: str) -> None:
    content = (PREAMBLE + SESSIONS.replace(",", delimiter)).encode(encoding)
    [found] = inspected(tmp_path, "web/tea/a.csv", content)

    assert (found.format, found.status, found.totals["sessions"]) == ("ga4_report", "loaded", 22)


def test_web_sessions_with_a_quoted_preamble(tmp_path: Path) -> None:
    content = PREAMBLE.replace("# Start date: 20260101", '"# Start date: 20260101"')
    [found] = inspected(
        tmp_path, "web/tea/a.csv", content.replace("# Property: tea", '"# Property: tea"') + SESSIONS
    )

    assert (found.format, found.totals["sessions"]) == ("ga4_report", 22)


def test_a_cut_record_of_web_sessions_is_refused(tmp_path: Path) -> None:
    [found] = inspected(tmp_path, "web/tea/a.csv", PREAMBLE + SESSIONS + "20260103,ig / so")

    assert (found.rows_accepted, found.rejected_by_rule) == (2, {"wrong_cell_count": 1})


def test_blank_cells_beyond_the_header_of_web_sessions(tmp_path: Path) -> None:
    content = (
        PREAMBLE.replace("\n", ",,,,\n") + SESSIONS.replace("\n", ",,\n", 1) + "20260103,ig / social,5,,,\n"
    )
    [found] = inspected(tmp_path, "web/tea/a.csv", content)

    assert (found.status, found.totals["sessions"]) == ("loaded", 27)


def test_totals_of_web_sessions_are_no_day(tmp_path: Path) -> None:
    [found] = inspected(tmp_path, "web/tea/a.csv", PREAMBLE + SESSIONS + "Grand total,,22\n")

    assert (found.status, found.rows_accepted, found.rows_ignored) == ("loaded", 2, 1)


def test_a_header_of_web_sessions_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    [found] = inspected(tmp_path, "web/tea/a.csv", PREAMBLE + SESSIONS.splitlines()[0])

    assert (found.status, found.message) == ("loaded", "the file has a header and no rows")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_any_encoding_of_unicode(tmp_path: Path, encoding: str) -> None:
    post = '{"id": "17900000000000001", "media_type": "IMAGE", "timestamp": "2024-05-01T10:00:00+0000", '
    content = ("[" + post + '"username": "tea", "like_count": 5, "caption": "чай"}]').encode(encoding)
    [found] = inspected(tmp_path, "instagram/tea/a.json", content)

    assert (found.format, found.status, found.totals["likes"]) == ("instagram_graph_api", "loaded", 5)


OPEN_QUOTE = '20260103,"ig / social,5\n20260104,ig / social,5\n20260105,ig / social,5\n'


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(
            SESSIONS + "20260103," + "x" * 9_000_000 + ",5\n", "line_too_long", id="an endless line"
        ),
        pytest.param(SESSIONS + '20260103,"' + "x\n" * 4_500_000, "line_too_long", id="an endless cell"),
        pytest.param(SESSIONS + OPEN_QUOTE, "bad_structure", id="an open quote"),
    ],
)
def test_web_sessions_that_cannot_be_read_to_their_end(tmp_path: Path, content: str, rule: str) -> None:
    [found] = inspected(tmp_path, "web/tea/a.csv", PREAMBLE + content)

    assert (found.status, list(found.rejected_by_rule)) == ("refused", [rule])


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("web/tea/a.csv", PREAMBLE + SESSIONS),
        (
            "tiktok/tea/Overview.csv",
            "Date,Video Views,Profile Views,Likes,Comments,Shares\nMay 1,1,2,3,4,5\n",
        ),
        ("tiktok/tea/Content.csv", TIKTOK + "July 16,T,,July 10,1,1,1,1\n"),
    ],
)
def test_a_text_in_two_bytes_that_is_cut_off(tmp_path: Path, path: str, content: str) -> None:
    [found] = inspected(tmp_path, path, content.encode("utf-16")[:-1])

    assert (found.status, list(found.rejected_by_rule)) == ("refused", ["bad_encoding"])
    assert "cut off or damaged" in str(found.message)


def test_numbers_of_json_have_decimal_points(tmp_path: Path) -> None:
    event = '{"id": 1, "commissionStatus": "approved", "transactionDate": "2026-01-01T10:00:00", '
    content = "[" + event + '"saleAmount": {"amount": 12.125, "currency": "EUR"}}]'
    [found] = inspected(tmp_path, "affiliate/awin/a.json", content)

    assert (found.format, found.status, found.totals["amount"]) == (
        "awin_transactions",
        "loaded",
        Decimal("12.125"),
    )


@pytest.mark.parametrize(
    ("day", "observed_from", "is_told"),
    [
        ("February 28", "content", False),
        ("28 فبراير", "modified_at", True),
        ("undefined", "modified_at", True),
    ],
)
def test_a_day_of_export_that_cannot_be_read_is_told(
    tmp_path: Path, day: str, observed_from: str, is_told: bool
) -> None:
    link = f"https://www.tiktok.com/@tea/video/{(1771581600 << 32) + 1}"
    [found] = inspected(tmp_path, "tiktok/tea/a.csv", TIKTOK + f"{day},T,{link},{day},1,1,1,1\n")

    assert (found.status, found.observed_from) == ("loaded", observed_from)
    assert ("cannot be read" in str(found.message)) == is_told
