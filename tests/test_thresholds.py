"""Thresholds of refused rows: of each format, from the settings, the seeds and the home."""

from __future__ import annotations

import pytest

from creator_tiers.ingestion import loading
from creator_tiers.ingestion.validating import Validated
from creator_tiers.settings import ConfigurationError, Settings, load_settings
from creator_tiers.thresholds import read_limits
from tests.ingestion.landings import drop, ingest_all, manifests, video, videos

pytestmark = pytest.mark.contract
TABLE = "youtube_studio_table"


def own(settings: Settings, text: str) -> Settings:
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "thresholds.yaml").write_text(text)
    return settings


def test_seeds_go_before_the_settings_and_the_home_before_both(settings: Settings) -> None:
    own(settings, "creator_list: {stop_rows: 2}\n")
    limits = read_limits(settings)

    assert (limits.of(TABLE).share, limits.of(TABLE).rows) == (0.5, 20)
    assert (limits.of("creator_list").warn_share, limits.of("creator_list").rows) == (0.1, 2)
    assert limits.of("shopify_orders").warn_rows == 5


def test_environment_sets_what_no_file_does() -> None:
    settings = load_settings({"CREATOR_TIERS_WARN_SHARE": "0.3", "CREATOR_TIERS_WARN_ROWS": "2"})
    assert (read_limits(settings).of(TABLE).warn_share, read_limits(settings).of(TABLE).warn_rows) == (0.3, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("youtube: {stop_rows: 2}", "'youtube' is no format"),
        (f"{TABLE}: {{stop_rows: half}}", "a whole number above 0"),
        (f"{TABLE}: {{stop_share: 0}}", "a number above 0"),
        (f"{TABLE}: {{share: 0.5}}", "may have warn_share"),
        (f"{TABLE}: [", "cannot be read"),
        ("nonsense", "is no format"),
    ],
)
def test_what_cannot_be_used_is_told(settings: Settings, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_limits(own(settings, text))


@pytest.mark.parametrize(
    ("bad", "status", "told"),
    [(2, "partial", None), (3, "partial", "3 of 13 rows were refused"), (11, "refused", "11 of 21 rows")],
)
def test_warning_comes_before_the_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, bad: int, status: str, told: str | None
) -> None:
    monkeypatch.setattr(loading, "validate_rows", lambda *_: Validated([], {}))
    own(settings, f"{TABLE}: {{warn_share: 0.1, warn_rows: 3, stop_share: 0.5, stop_rows: 5}}")
    rows = videos(*range(10)) + "".join(video(100 + n, -5) for n in range(bad))
    drop(settings, "youtube/channel/a.csv", rows)
    ingest_all(settings)

    [one] = manifests(settings).values()
    assert one.status == status
    assert told in str(one.message) if told else one.message is None
