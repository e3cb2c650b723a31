"""The configuration, read once from the environment. Nothing else reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from creator_tiers.variables import (
    CENTURY,
    Asked,
    ConfigurationError,
    days,
    money,
    must_lie_apart,
    number,
    optional,
    place,
    tell_slips,
    unsubscribe_url,
)

__all__ = ["DEFAULT_STORE_CONNECTION", "RESOURCES", "ConfigurationError", "Settings", "load_settings"]

RESOURCES = Path(__file__).resolve().parent.parent
"""The folder that holds `sql/` and `seeds/` beside this package."""

SUBSCRIPTION_POLICIES = ("first", "all")
"""Which orders of a subscription count as orders that a creator brought."""


DEFAULT_STORE_CONNECTION = "creator_tiers_store"
"""The Airflow connection with the credentials of object stores, unless another is named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and which choices the user made.

    Attributes:
        home: folder with `landing/`, `lake/`, `reports/`, `airflow/` and the embedded warehouse.
        warehouse_url: an SQLAlchemy or Spark URL.
        landing_url: the landing zone where it is no folder on this machine: `s3://bucket/prefix`; None for a folder.
        lake_url: the same for the lake.
        landing_folder: the folder of the landing zone; None for the one in the home.
        lake_folder: the same for the lake.
        store_connection: the Airflow connection with the credentials of object stores.
        state_url: an SQLAlchemy URL of the store for what needs transactions (the mail outbox).
        zone: the zone in which ISO weeks begin, an IANA name.
        tier_scheme: the row set of `seeds/tiers.csv` that names the tiers.
        comparison_window: how far before as-of a post may be published to be compared.
        stop_share: share of a file's rows that, once rejected, refuses the whole file.
        stop_rows: rows that must be rejected at least before `stop_share` applies.
        warn_share: share of a file's rows that, once rejected, is worth a warning.
        warn_rows: rows that must be rejected at least before `warn_share` applies.
        attribution_days: days after a campaign's end in which an order still counts for it; days after its last post
            until its orders are final.
        click_days: how old the last click may be when the order is placed.
        refund_days: days after a campaign's last order until its refunds are final.
        subscription_policy: which orders of a subscription count: `first` or `all`.
        hash_key: what customers' e-mails are hashed with; None for the key that the home keeps (`creator_tiers.keys`).
        recipients: e-mail addresses of the weekly report.
        sender: the report's From address.
        smtp_connection: the Airflow connection that sends the mail.
        owner: who is told when a report is held back or something that is expected did not come; None: nobody.
        unsubscribe_url: an https URL that unsubscribes by one click (RFC 8058); `{id}` in it becomes an opaque,
            stable id of the recipient.
        deadline_hours: how long a run of the report may take, approval apart, before the owner is told.
        approval_hours: how long a person may take to approve a report before it is rejected; None: no approval.
        fee_recipients: those of the recipients whose report shows fees, costs and what rests on them; `*` for all.
        plan_budget: what the suggested mix may cost, in the currency of most placements; None: what the median closed
            campaign cost.
        plan_hours: hands-on hours that the suggested mix may take; None: no limit.
        most_rejected: share of the rows read that may lie in quarantine before a report is held back; None: any.
    """

    home: Path
    warehouse_url: str
    state_url: str
    landing_url: str | None = None
    lake_url: str | None = None
    landing_folder: Path | None = None
    lake_folder: Path | None = None
    store_connection: str = DEFAULT_STORE_CONNECTION
    zone: str = "UTC"
    tier_scheme: str = "article"
    comparison_window: timedelta = timedelta(days=90)
    stop_share: float = 0.5
    stop_rows: int = 20
    warn_share: float = 0.05
    warn_rows: int = 10
    attribution_days: int = 30
    click_days: int = 30
    refund_days: int = 30
    subscription_policy: str = "first"
    hash_key: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = field(default=())
    sender: str = "creator-tiers@localhost"
    smtp_connection: str = "creator_tiers_smtp"
    fee_recipients: tuple[str, ...] = field(default=())
    plan_budget: Decimal | None = None
    plan_hours: float | None = None
    owner: str | None = None
    unsubscribe_url: str | None = None
    deadline_hours: float = 2.0
    approval_hours: float | None = None
    most_rejected: float | None = None

    @property
    def landing(self) -> Path:
        """The folder where exports are dropped. `creator_tiers.ingestion.landing.open_landing` knows object stores too.

        Raises:
            ConfigurationError: they are dropped in an object store.
        """
        if self.landing_url:
            raise ConfigurationError(f"the landing zone is no folder on this machine: {self.landing_url}")
        return self.landing_folder or self.home / "landing"

    @property
    def lake(self) -> Path:
        """The folder where accepted rows are kept, for good. `creator_tiers.lake.open_lake` knows object stores too.

        Raises:
            ConfigurationError: they are kept in an object store.
        """
        if self.lake_url:
            raise ConfigurationError(f"the lake is no folder on this machine: {self.lake_url}")
        return self.lake_folder or self.home / "lake"

    @property
    def landing_place(self) -> str:
        """The landing zone's folder or URL, to be shown."""
        return self.landing_url or str(self.landing)

    @property
    def reports(self) -> Path:
        """Where reports are written, one folder a week."""
        return self.home / "reports"

    @property
    def expected_exports(self) -> Path:
        """The list of what is expected to come, and how often (`creator_tiers.freshness`)."""
        return self.home / "expected_exports.yaml"

    @property
    def published(self) -> Path:
        """The read-only copy of the embedded warehouse that every reader opens."""
        return self.home / "published.duckdb"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Args:
        environment: the variables to read; `os.environ` when not given.

    Raises:
        ConfigurationError: a variable has a value that cannot be used.
    """
    given = os.environ if environment is None else environment
    env = Asked(given)
    settings = _settings(env)
    tell_slips(given, env.names)
    return settings


def _settings(env: Mapping[str, str]) -> Settings:
    home = Path(env.get("CREATOR_TIERS_HOME") or "data").expanduser().resolve()
    zone = env.get("CREATOR_TIERS_ZONE") or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f"CREATOR_TIERS_ZONE={zone!r} is no time zone; use an IANA name such as Europe/Berlin"
        ) from error
    policy = env.get("CREATOR_TIERS_SUBSCRIPTIONS") or "first"
    if policy not in SUBSCRIPTION_POLICIES:
        raise ConfigurationError(
            f"CREATOR_TIERS_SUBSCRIPTIONS={policy!r} is no policy; use one of {', '.join(SUBSCRIPTION_POLICIES)}"
        )
    landing_url, landing_folder = place(env, "CREATOR_TIERS_LANDING")
    lake_url, lake_folder = place(env, "CREATOR_TIERS_LAKE")
    must_lie_apart(landing_url or landing_folder, lake_url or lake_folder, home)
    return Settings(
        home=home,
        landing_url=landing_url,
        lake_url=lake_url,
        landing_folder=landing_folder,
        lake_folder=lake_folder,
        store_connection=env.get("CREATOR_TIERS_STORE_CONNECTION") or DEFAULT_STORE_CONNECTION,
        warehouse_url=env.get("CREATOR_TIERS_WAREHOUSE") or f"duckdb:///{home / 'warehouse.duckdb'}",
        state_url=env.get("CREATOR_TIERS_STATE") or f"sqlite:///{home / 'state.sqlite'}",
        zone=zone,
        tier_scheme=env.get("CREATOR_TIERS_SCHEME") or "article",
        comparison_window=timedelta(days=number(env, "CREATOR_TIERS_COMPARISON_DAYS", 90, most=CENTURY)),
        stop_share=number(env, "CREATOR_TIERS_STOP_SHARE", 0.5, most=1),
        stop_rows=int(number(env, "CREATOR_TIERS_STOP_ROWS", 20)),
        warn_share=number(env, "CREATOR_TIERS_WARN_SHARE", 0.05, most=1),
        warn_rows=int(number(env, "CREATOR_TIERS_WARN_ROWS", 10)),
        attribution_days=days(env, "CREATOR_TIERS_ATTRIBUTION_DAYS", 30),
        click_days=days(env, "CREATOR_TIERS_CLICK_DAYS", 30),
        refund_days=days(env, "CREATOR_TIERS_REFUND_DAYS", 30),
        subscription_policy=policy,
        hash_key=env.get("CREATOR_TIERS_HASH_KEY") or None,
        recipients=tuple(
            part.strip() for part in env.get("CREATOR_TIERS_RECIPIENTS", "").split(",") if part.strip()
        ),
        fee_recipients=tuple(
            part.strip() for part in env.get("CREATOR_TIERS_FEE_RECIPIENTS", "").split(",") if part.strip()
        ),
        plan_budget=money(env, "CREATOR_TIERS_PLAN_BUDGET"),
        plan_hours=optional(env, "CREATOR_TIERS_PLAN_HOURS", 1_000_000.0),
        sender=env.get("CREATOR_TIERS_SENDER") or "creator-tiers@localhost",
        smtp_connection=env.get("CREATOR_TIERS_SMTP_CONNECTION") or "creator_tiers_smtp",
        owner=env.get("CREATOR_TIERS_OWNER", "").strip() or None,
        unsubscribe_url=unsubscribe_url(env, "CREATOR_TIERS_UNSUBSCRIBE_URL"),
        deadline_hours=optional(env, "CREATOR_TIERS_DEADLINE_HOURS") or 2.0,
        approval_hours=optional(env, "CREATOR_TIERS_APPROVAL_HOURS"),
        most_rejected=optional(env, "CREATOR_TIERS_MAX_REJECTED_SHARE", most=1.0),
    )
