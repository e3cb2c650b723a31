"""The environment's variables, one by one: a value, or a message that names the variable and the remedy."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from pathlib import Path

_HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~:/?#@!$&'*+,;=%{}-]*)?")

_log = logging.getLogger(__name__)

_PREFIX = "CREATOR_TIERS_"
_ALIKE = 0.75
"""How like two names are, from 0 to 1, when one is a slip for the other: `ZOEN` and `ZONE` are just so."""

CENTURY = 36_500
"""Days: what dates can be counted back by."""
_YEAR_HOURS = 8760.0


class ConfigurationError(ValueError):
    """A setting that cannot be used; the message names the variable and the remedy."""


class Asked(dict[str, str]):
    """Variables, and the names that were asked for: whatever has a like name is a slip."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The value of a variable."""
        self.names.add(name)
        return super().get(name, default)


def tell_slips(given: Mapping[str, str], known: Collection[str]) -> None:
    """Warn of a variable that is nearly ours and left out without a word; another program may have it."""
    short = {name.removeprefix(_PREFIX): name for name in known}
    for name in sorted(given):
        if name.startswith(_PREFIX) and name not in known:
            for near in get_close_matches(name.removeprefix(_PREFIX), short, 1, _ALIKE):
                _tell_slip(name, short[near])


@cache
def _tell_slip(name: str, near: str) -> None:
    _log.warning("%s is no setting, and is not used; did you mean %s?", name, near)


def place(env: Mapping[str, str], name: str) -> tuple[str | None, Path | None]:
    """An object store's URL, or a folder; neither where nothing is set."""
    text = (env.get(name) or "").strip()
    if not text:
        return None, None
    protocol, has_protocol, rest = text.partition("://")
    if not has_protocol or protocol == "file":
        return None, Path(rest if has_protocol else text).expanduser().resolve()
    bucket, _, prefix = rest.partition("/")
    if "@" in bucket:
        raise ConfigurationError(
            f"{name} must not hold credentials; give them to the Airflow connection or to AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, and write it like s3://bucket/prefix"
        )
    parts = prefix.strip("/").split("/")
    if (
        not bucket
        or not prefix.strip("/")
        or not all(parts)
        or {"?", "#"} & set(rest)
        or {".", ".."} & {*parts}
    ):
        raise ConfigurationError(
            f"{name}={text!r} names no place in a store; write it like s3://bucket/prefix"
        )
    return f"{protocol}://{bucket}/{'/'.join(parts)}", None


def must_lie_apart(landing: str | Path | None, lake: str | Path | None, home: Path) -> None:
    """Refuse one inside the other: the lake's files would be read as exports, or exports be swept as leftovers."""
    one = f"{landing or home / 'landing'}/"
    other = f"{lake or home / 'lake'}/"
    if one.startswith(other) or other.startswith(one):
        raise ConfigurationError(
            f"CREATOR_TIERS_LANDING={one!r} and CREATOR_TIERS_LAKE={other!r} lie in one another; take two prefixes"
        )


def number(env: Mapping[str, str], name: str, default: float, most: float = 1e12) -> float:
    """A number above 0; `default` where nothing is set."""
    value = optional(env, name, most, unset=f"{default:g}")
    return default if value is None else value


def days(env: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of days, of a hundred years at most."""
    value = number(env, name, default, most=CENTURY)
    if value != int(value):
        raise ConfigurationError(
            f"{name}={env[name]!r} must be a whole number of days; unset it for {default}"
        )
    return int(value)


def optional(
    env: Mapping[str, str], name: str, most: float = _YEAR_HOURS, unset: str = "none"
) -> float | None:
    """A number above 0 and at most `most`; None where nothing is set. `unset` says what that means."""
    text = env.get(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise ConfigurationError(f"{name}={text!r} is not a number; unset it for {unset}") from error
    if not value > 0:
        raise ConfigurationError(f"{name}={text!r} must be above 0; unset it for {unset}")
    if value > most:
        raise ConfigurationError(f"{name}={text!r} must be at most {most:g}; unset it for {unset}")
    return value


def money(env: Mapping[str, str], name: str) -> Decimal | None:
    """An amount above 0; None where nothing is set."""
    text = env.get(name)
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ConfigurationError(f"{name}={text!r} is not an amount; write it like 25000") from error
    if not (value.is_finite() and 0 < value < 10**12):
        raise ConfigurationError(f"{name}={text!r} must be above 0 and below 10^12")
    return value


def unsubscribe_url(env: Mapping[str, str], name: str) -> str | None:
    """An https address, perhaps with `{id}` in it; None where nothing is set."""
    url = (env.get(name) or "").strip(" ")
    if not url:
        return None
    if not _HTTPS.fullmatch(url) or "{" in url.replace("{id}", "") or "}" in url.replace("{id}", ""):
        raise ConfigurationError(
            f"{name}={url!r} cannot be used; write it like https://example.com/leave/{{id}}"
        )
    return url
