"""The outbox: who was sent which report, kept in the state store so that a rerun sends nothing twice.

One row per report and recipient moves through these states, each step one committed statement:

    pending -> claimed -> handing_over -> sent
                  |            |
                  +-> failed <-+      (the server said no: nothing was delivered; tried again by the next run)

* `claimed` is free to be taken over at once: nothing irrevocable has happened. The token that a claim writes fences
  its predecessor off: `begin_hand_over` succeeds for the newest token only, so of two live processes one sends.
* `handing_over` is written at the last instant before the message cannot be withdrawn any more. A row that is
  found in this state belongs to a process that is at work or died right there: see `delivery` for what follows.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from creator_tiers.state_store import open_state

PENDING, CLAIMED, HANDING_OVER, SENT, FAILED = "pending", "claimed", "handing_over", "sent", "failed"
_FREE = (PENDING, CLAIMED, FAILED)

_TABLE = sa.Table(
    "report_outbox",
    sa.MetaData(),
    sa.Column("report_id", sa.String(100), primary_key=True),
    sa.Column("recipient", sa.String(254), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("message_id", sa.String(400), nullable=False),
    sa.Column("token", sa.String(32)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("sent_at", sa.DateTime),
    sa.Column("error", sa.String(500)),
)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A report to a recipient; times are UTC with their zone."""

    report_id: str
    recipient: str
    state: str
    message_id: str
    attempts: int
    changed_at: datetime
    sent_at: datetime | None
    error: str | None


class Outbox:
    """The rows of one state store. Each method is one transaction, durable when it returns."""

    def __init__(self, url: str) -> None:
        """Open the store, and make its table when it is not there.

        Args:
            url: an SQLAlchemy URL; an SQLite file's folder is made when missing.

        Raises:
            ContractError: the URL names no store.
        """
        self._engine = open_state(url)
        with self._engine.begin() as connection:
            connection.execute(CreateTable(_TABLE, if_not_exists=True))

    def enrol(self, report_id: str, message_ids: Mapping[str, str], now: datetime) -> None:
        """Add a pending row for each recipient that has none; `message_ids` maps recipient to Message-ID."""
        for recipient, identity in message_ids.items():
            row = {
                "report_id": report_id, "recipient": recipient, "state": PENDING, "message_id": identity,
                "attempts": 0, "changed_at": _naive(now),
            }  # fmt: skip
            try:
                with self._engine.begin() as connection:
                    connection.execute(_TABLE.insert().values(row))
            except sa.exc.IntegrityError:
                continue

    def claim(self, report_id: str, recipient: str, now: datetime) -> str | None:
        """Take a row that nothing irrevocable has happened to; the token, or None when it is not free."""
        token = uuid.uuid4().hex
        taken = self._move(
            report_id, recipient, _TABLE.c.state.in_(_FREE), now,
            state=CLAIMED, token=token, attempts=_TABLE.c.attempts + 1,
        )  # fmt: skip
        return token if taken else None

    def begin_hand_over(self, report_id: str, recipient: str, token: str, now: datetime) -> bool:
        """Say that the message is about to become irrevocable; False when another process took the row."""
        mine = sa.and_(_TABLE.c.state == CLAIMED, _TABLE.c.token == token)
        return self._move(report_id, recipient, mine, now, state=HANDING_OVER)

    def mark_sent(self, report_id: str, recipient: str, token: str, now: datetime) -> None:
        """Say that the server has taken the message."""
        mine = _TABLE.c.token == token
        self._move(report_id, recipient, mine, now, state=SENT, sent_at=_naive(now), error=None)

    def mark_failed(self, report_id: str, recipient: str, token: str, error: str, now: datetime) -> None:
        """Say that the message was certainly not taken; the next run tries again."""
        mine = sa.and_(_TABLE.c.token == token, _TABLE.c.state != SENT)
        self._move(report_id, recipient, mine, now, state=FAILED, error=error[:500])

    def resolve(self, report_id: str, recipient: str, was_sent: bool, now: datetime) -> bool:
        """A person's word on a row in doubt, after a look at the mail server's log; False when it was in none."""
        in_doubt = _TABLE.c.state == HANDING_OVER
        if was_sent:
            return self._move(report_id, recipient, in_doubt, now, state=SENT, sent_at=_naive(now))
        return self._move(report_id, recipient, in_doubt, now, state=PENDING, token=None)

    def rows(self, report_id: str | None = None) -> list[OutboxRow]:
        """The rows of a report, by recipient; of all reports and notices, by their id, when None."""
        columns = [_TABLE.c[name] for name in OutboxRow.__dataclass_fields__]
        query = sa.select(*columns).order_by(_TABLE.c.report_id, _TABLE.c.recipient)
        if report_id is not None:
            query = query.where(_TABLE.c.report_id == report_id)
        with self._engine.connect() as connection:
            found = connection.execute(query).mappings().all()
        return [
            OutboxRow(**{**row, "changed_at": _aware(row["changed_at"]), "sent_at": _aware(row["sent_at"])})
            for row in found
        ]

    def _move(
        self,
        report_id: str,
        recipient: str,
        condition: sa.ColumnElement[bool],
        now: datetime,
        **values: object,
    ) -> bool:
        statement = (
            _TABLE.update()
            .where(_TABLE.c.report_id == report_id, _TABLE.c.recipient == recipient, condition)
            .values(changed_at=_naive(now), **values)
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(tzinfo=UTC)
