"""The command line: exit codes, JSON and nothing else on standard output, errors that say what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from creator_tiers.cli import main
from creator_tiers.exports import inspecting
from creator_tiers.settings import Settings, load_settings
from tests.ingestion.landings import HEADER, drop, ingest_all, video, videos

pytestmark = pytest.mark.contract

KEYS = [
    "path",
    "format",
    "platform",
    "account",
    "observed_at",
    "rows_read",
    "rows_accepted",
    "rows_duplicate",
    "rows_rejected",
    "rows_ignored",
    "rejected_by_rule",
    "totals",
    "message",
]


def call(*arguments: str, home: Path | None = None) -> Result:
    environment = {"CREATOR_TIERS_HOME": str(home)} if home else {}
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a file was loaded, with a refused row, and the warehouse built."""
    from creator_tiers.warehouse.build import build

    settings = load_settings({"CREATOR_TIERS_HOME": str(tmp_path_factory.mktemp("cli"))})
    drop(settings, "youtube/channel/Table data.csv", videos(1, 2) + video(3, "many") + video(4, "=many"))
    drop(settings, "instagram/x/foreign.csv", "sku,price\n1,2\n")
    ingest_all(settings)
    build(settings)
    return settings.home


def test_inspect_answers_every_file_of_a_folder(settings: Settings) -> None:
    drop(settings, "youtube/channel/Table data.csv", videos(1, 2, views="1,234").replace("1,234", '"1,234"'))
    drop(settings, "youtube/channel/page.csv", "<html>")
    drop(settings, "youtube/channel/.hidden.csv", "x")

    result = call("inspect", str(settings.landing), "--json")

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [Path(one["path"]).name for one in found] == ["Table data.csv", "page.csv"]
    table, page = found
    assert list(table)[: len(KEYS)] == KEYS
    assert (table["format"], table["account"], table["observed_at"]) == (
        "youtube_studio_table",
        "channel",
        "2026-05-09T12:00:00Z",
    )
    assert table["totals"] == {
        "posts": 2,
        "views": 2468,
        "likes": 2,
        "comments": None,
        "shares": None,
        "saves": None,
        "reach": None,
    }
    assert (page["format"], page["rows_read"], page["totals"]) == ("unknown", 0, {})
    assert "web page" in page["message"]


def test_inspect_touches_nothing(settings: Settings) -> None:
    drop(settings, "youtube/channel/Table data.csv", videos(1))

    call("inspect", str(settings.landing), home=settings.home)

    assert [path.name for path in settings.home.iterdir()] == ["landing"]


def test_inspect_tells_people(settings: Settings) -> None:
    file = drop(settings, "youtube/channel/Table data.csv", videos(1, 2) + video(3, "many"))

    result = call("inspect", str(file))

    assert result.exit_code == 0
    assert (
        "partial: youtube_studio_table, youtube, channel, observed 2026-05-09 12:00 UTC (modified_at)"
        in result.stdout
    )
    assert "3 rows = 2 accepted + 0 duplicate + 1 rejected + 0 ignored" in result.stdout
    assert "bad_cell: 1" in result.stdout
    assert "comments unknown" in result.stdout


def test_a_missing_path_still_gets_an_object(settings: Settings, tmp_path: Path) -> None:
    file = drop(settings, "youtube/channel/Table data.csv", videos(1))
    os.mkfifo(tmp_path / "pipe.csv")

    result = call("inspect", str(tmp_path / "nowhere.csv"), str(file), str(tmp_path / "pipe.csv"), "--json")

    assert result.exit_code == 2
    missing, there, pipe = json.loads(result.stdout)
    assert (missing["format"], missing["message"], missing["rows_read"]) == (
        "unknown",
        "there is no such file",
        0,
    )
    assert there["rows_accepted"] == 1
    assert pipe["message"] == "it is no file and no folder"


@pytest.mark.parametrize(
    "arguments", [("inspect",), ("inspect", "--jsn", "x"), ("nonsense",), ("query",), ("samples",)]
)
def test_wrong_usage_is_2(arguments: tuple[str, ...]) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr


def test_a_fault_of_ours_is_an_answer_and_no_crash(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "youtube/channel/a.csv", videos(1))
    drop(settings, "youtube/channel/b.csv", videos(2))
    real = inspecting.read_export

    def read(*arguments: Any, **named: Any) -> Any:
        if arguments[1].file.name == "a.csv":
            raise RuntimeError("a fault of ours")
        return real(*arguments, **named)

    monkeypatch.setattr(inspecting, "read_export", read)
    result = call("inspect", str(settings.landing), "--json")

    broken, fine = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (broken["status"], broken["rows_read"]) == ("failed", 0)
    assert "a fault of ours" in broken["message"]
    assert fine["status"] == "loaded"


def test_hostile_names_and_texts_do_not_reach_the_terminal(settings: Settings) -> None:
    drop(settings, "youtube/channel/\x1b[31mred\nline.csv", "\x1b[2J,b\n1,2\n")
    drop(settings, "youtube/channel/" + os.fsdecode(b"caf\xe9.csv"), videos(1))

    plain = call("inspect", str(settings.landing))
    as_json = call("inspect", str(settings.landing), "--json")

    assert (plain.exit_code, as_json.exit_code) == (0, 0)
    assert "\x1b[2J" not in plain.stdout
    assert "\x1b[31mred" not in plain.stdout
    assert len(json.loads(as_json.stdout)) == 2


def test_standard_output_is_json_only_in_a_process_of_its_own(settings: Settings) -> None:
    drop(settings, "youtube/channel/Table data.csv", videos(1))
    done = subprocess.run(
        [sys.executable, "-m", "creator_tiers.cli", "inspect", str(settings.landing), "--json"],
        capture_output=True,
        timeout=120,
        check=True,
    )

    assert json.loads(done.stdout)[0]["rows_accepted"] == 1
    assert done.stderr == b""


def test_query_json_has_plain_values(home: Path) -> None:
    sql = "SELECT TIMESTAMP '2026-05-09 12:00:00' AS t, DATE '2026-05-09' AS d, 1.50::DECIMAL(9, 2) AS m"
    sql += ", NULL AS n, 'é' AS s"
    result = call("query", sql, "--format", "json", home=home)

    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {"t": "2026-05-09T12:00:00Z", "d": "2026-05-09", "m": 1.5, "n": None, "s": "é"}
    ]


def test_columns_of_one_name_are_all_shown(home: Path) -> None:
    sql = "SELECT 1 AS a, 2 AS a, 3 AS b"

    assert call("query", sql, "--format", "csv", home=home).stdout == "a,a,b\n1,2,3\n"
    assert call("query", sql, home=home).stdout.split()[-3:] == ["1", "2", "3"]
    told = call("query", sql, "--format", "json", home=home)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "two columns are called a" in told.stderr


def test_query_csv_is_safe_for_spreadsheets(home: Path) -> None:
    sql = "SELECT value FROM ops.rejected_rows WHERE row_number = 5"
    result = call("query", sql, "--format", "csv", home=home)

    assert result.stdout == "value\n'=many\n"


def test_query_table(home: Path) -> None:
    result = call(
        "query", "SELECT status, count(*) AS files FROM ops.export_files GROUP BY ALL ORDER BY ALL", home=home
    )

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines() if line.strip(" ─")] == [
        ["status", "files"],
        ["partial", "1"],
        ["refused", "1"],
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT nothing FROM nowhere",
        "DROP TABLE core.posts",
        "INSERT INTO core.posts SELECT * FROM core.posts",
        "",
    ],
)
def test_query_errors_are_told_and_1(home: Path, sql: str) -> None:
    result = call("query", sql, "--format", "json", home=home)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("creator-tiers: ")
    assert "Traceback" not in result.stderr


def test_query_before_anything_was_built_says_what_to_do(tmp_path: Path) -> None:
    result = call("query", "SELECT 1", home=tmp_path)

    assert result.exit_code == 1
    assert "make run" in result.stderr or "rebuild" in result.stderr


def test_rejected_lists_rule_and_raw_text(home: Path) -> None:
    everything = json.loads(call("rejected", "--json", home=home).stdout)
    by_rule = json.loads(call("rejected", "--rule", "bad_cell", "--json", home=home).stdout)
    by_file = json.loads(call("rejected", "--file", "foreign", "--json", home=home).stdout)

    assert len(everything) == 3
    assert [(one["row_number"], one["column_name"], one["value"]) for one in by_rule] == [
        (4, "Views", "many"),
        (5, "Views", "=many"),
    ]
    assert by_rule[0]["raw"] == video(3, "many").strip()
    assert [(one["path"], one["rule"]) for one in by_file] == [("instagram/x/foreign.csv", "unknown_format")]
    shown = call("rejected", "--limit", "1", home=home)
    assert "2 more" in shown.stderr


def test_bad_configuration_names_the_variable(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main,
        ["inspect", str(tmp_path)],
        env={"CREATOR_TIERS_STOP_SHARE": "half", "CREATOR_TIERS_HOME": str(tmp_path)},
    )

    assert result.exit_code == 1
    assert "CREATOR_TIERS_STOP_SHARE='half' is not a number" in result.stderr


def test_stop_threshold_is_configurable(settings: Settings) -> None:
    file = drop(settings, "youtube/channel/Table data.csv", HEADER + video(1) + "no id,T,,1,1\n" * 3)
    environment = {"CREATOR_TIERS_STOP_SHARE": "0.2", "CREATOR_TIERS_STOP_ROWS": "3"}

    [one] = json.loads(CliRunner().invoke(main, ["inspect", str(file), "--json"], env=environment).stdout)

    assert one["rejected_by_rule"] == {"too_many_rejected": 4}


def test_rebuild_refuses_a_wrong_time(home: Path) -> None:
    result = call("rebuild", "--as-of", "yesterday", home=home)

    assert result.exit_code == 2
    assert "2026-11-16T00:00:00Z" in result.stderr


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_examples(command: str) -> None:
    result = call(command, "--help")

    assert result.exit_code == 0
    assert f"creator-tiers {command}" in result.stdout
    assert "Examples:" in result.stdout


def test_an_empty_path_is_not_the_folder_one_stands_in(settings: Settings) -> None:
    result = call("inspect", "", "--json", home=settings.home)

    assert result.exit_code == 2
    assert [one["message"] for one in json.loads(result.stdout)] == ["there is no such file"]


def test_a_rule_that_does_not_exist_is_no_good_news(home: Path) -> None:
    result = call("rejected", "--rule", "bad_cel", "--json", home=home)

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "no rule is called 'bad_cel'; there are unknown_format" in result.stderr
    assert call("rejected", "--rule", "bad_date", home=home).stderr == ""


@pytest.mark.parametrize("command", [["rejected"], ["trace", "2026-W46", "C1"]])
def test_a_limit_below_one_is_wrong_usage(home: Path, command: list[str]) -> None:
    assert call(*command, "--limit", "-1", home=home).exit_code == 2


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("deliveries", "CREATOR_TIERS_STATE", "nonsense"),
        ("deliveries", "CREATOR_TIERS_STATE", "nonsense://a:secret@b/c"),
        ("deliveries", "CREATOR_TIERS_STATE", "sqlite:////dev/null/state.sqlite"),
        ("rebuild", "CREATOR_TIERS_HOME", "/dev/null"),
        ("rebuild", "CREATOR_TIERS_HOME", "/dev/null/home"),
        ("rebuild", "CREATOR_TIERS_LAKE", "/dev/null/lake"),
        ("replay", "CREATOR_TIERS_HOME", "/dev/null/home"),
        ("forget tiktok:some.handle", "CREATOR_TIERS_HOME", "/dev/null/home"),
        ("backup {home}/backup", "CREATOR_TIERS_STATE", "nonsense"),
    ],
)
def test_a_setting_that_leads_nowhere_is_told_and_1(
    settings: Settings, command: str, name: str, value: str
) -> None:
    ingest_all(settings)
    environment = {"CREATOR_TIERS_HOME": str(settings.home), name: value}

    result = CliRunner().invoke(main, command.format(home=settings.home).split(), env=environment)

    assert (result.exit_code, result.stdout) == (1, "")
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith("creator-tiers: ")
    assert name in result.stderr or "/dev/null" in result.stderr
    assert "secret" not in result.stderr
    assert result.stderr.count("\n") == 1


def without_rights(call_line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A call by somebody who may not open what is closed, also where the tests run as root."""
    drop = [] if os.geteuid() else [
        "setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"
    ]  # fmt: skip
    return subprocess.run(
        [*drop, sys.executable, "-m", "creator_tiers.cli", *call_line.split()],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CREATOR_TIERS_HOME": str(home)},
    )


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may open everything")
def test_what_cannot_be_opened_is_told(settings: Settings) -> None:
    file = drop(settings, "youtube/channel/Table data.csv", videos(1))
    closed, unlit = settings.landing / "closed", settings.landing / "unlit"
    for folder, mode in ((closed, 0o000), (unlit, 0o400)):
        folder.mkdir()
        (folder / "a.csv").write_text(videos(2))
        folder.chmod(mode)
    file.chmod(0o000)
    try:
        looked = without_rights(f"inspect {settings.landing} {unlit}/a.csv --json", settings.home)
        in_part = without_rights("health --json", settings.home)
        settings.landing.chmod(0o000)
        health = without_rights("health --json", settings.home)
    finally:
        for place in (settings.landing, closed, unlit):
            place.chmod(0o755)

    assert (looked.returncode, looked.stderr) == (2, "")
    told = {Path(one["path"]).name: (one["status"], one["message"]) for one in json.loads(looked.stdout)}
    assert told["Table data.csv"][0] == "refused"
    assert "cannot be opened" in told["Table data.csv"][1]
    assert told["closed"] == ("missing", "the folder cannot be opened")
    assert told["a.csv"] == ("missing", "there is no such file")
    for seen, said in ((in_part, "folders that cannot be opened: closed"), (health, "cannot be opened")):
        [landing] = [one for one in json.loads(seen.stdout)["checks"] if one["name"] == "landing"]
        assert not landing["is_well"]
        assert said in landing["message"]
