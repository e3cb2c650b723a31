"""The settings: what cannot be used names the variable and the remedy."""

from __future__ import annotations

import pytest

from creator_tiers.settings import ConfigurationError, load_settings

pytestmark = pytest.mark.unit


def test_nothing_is_set_by_default() -> None:
    settings = load_settings({})
    assert (settings.owner, settings.unsubscribe_url) == (None, None)
    assert (settings.approval_hours, settings.most_rejected) == (None, None)
    assert settings.expected_exports == settings.home / "expected_exports.yaml"


def test_what_is_set_is_read() -> None:
    settings = load_settings(
        {
            "CREATOR_TIERS_OWNER": " data@brand.example ",
            "CREATOR_TIERS_UNSUBSCRIBE_URL": "https://brand.example/leave?who={id}",
            "CREATOR_TIERS_APPROVAL_HOURS": "48",
            "CREATOR_TIERS_MAX_REJECTED_SHARE": "0.1",
        }
    )
    assert settings.owner == "data@brand.example"
    assert settings.unsubscribe_url == "https://brand.example/leave?who={id}"
    assert (settings.approval_hours, settings.most_rejected) == (48, 0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREATOR_TIERS_UNSUBSCRIBE_URL", "http://brand.example/leave"),
        ("CREATOR_TIERS_UNSUBSCRIBE_URL", "https://brand.example/>\r\nBcc: all@brand.example"),
        ("CREATOR_TIERS_UNSUBSCRIBE_URL", "https://brand.example/{name}"),
        ("CREATOR_TIERS_UNSUBSCRIBE_URL", "https://brand.example/a b"),
        ("CREATOR_TIERS_APPROVAL_HOURS", "0"),
        ("CREATOR_TIERS_APPROVAL_HOURS", "nan"),
        ("CREATOR_TIERS_APPROVAL_HOURS", "soon"),
        ("CREATOR_TIERS_MAX_REJECTED_SHARE", "1.5"),
        ("CREATOR_TIERS_STOP_SHARE", "5"),
        ("CREATOR_TIERS_STOP_ROWS", "inf"),
        ("CREATOR_TIERS_CLICK_DAYS", "inf"),
        ("CREATOR_TIERS_COMPARISON_DAYS", "1e9"),
        ("CREATOR_TIERS_WARN_SHARE", "5"),
    ],
)
def test_what_cannot_be_used_is_said(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings({name: value})


def test_a_stop_can_be_put_out_of_reach() -> None:
    assert load_settings({"CREATOR_TIERS_STOP_ROWS": "1000000000"}).stop_rows == 10**9


def test_what_is_no_setting_may_have_any_other_name() -> None:
    others = ("TAG", "WITH", "RUNNER", "ON_REQUEST", "INGEST_SLOTS", "SPECIMENS", "STORE", "SMTP", "WEBHOOK")
    load_settings({f"CREATOR_TIERS_{name}": "x" for name in others})


@pytest.mark.parametrize(("slip", "meant"), [("RECIPENTS", "RECIPIENTS"), ("ZOEN", "ZONE")])
def test_a_slip_in_a_name_says_which_was_meant(
    caplog: pytest.LogCaptureFixture, slip: str, meant: str
) -> None:
    """It is told and left alone: another program's variable may look like ours."""
    assert load_settings({f"CREATOR_TIERS_{slip}": "x"}) == load_settings({})
    assert f"did you mean CREATOR_TIERS_{meant}?" in caplog.text


def test_what_unsetting_means_is_said() -> None:
    with pytest.raises(ConfigurationError, match="unset it for none"):
        load_settings({"CREATOR_TIERS_APPROVAL_HOURS": "soon"})
    with pytest.raises(ConfigurationError, match="unset it for 90"):
        load_settings({"CREATOR_TIERS_COMPARISON_DAYS": "soon"})
