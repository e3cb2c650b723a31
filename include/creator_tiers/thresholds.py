"""How many refused rows are too many: the thresholds of each format, from the settings and from YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_tiers.settings import RESOURCES, ConfigurationError, Settings

if TYPE_CHECKING:
    from creator_tiers.exports.reading import Limits

NAME = "thresholds.yaml"
_KEYS = {"warn_share": "warn_share", "warn_rows": "warn_rows", "stop_share": "share", "stop_rows": "rows"}


def read_limits(settings: Settings) -> Limits:
    """The limits of every format: the home's file goes before the one in `seeds/`, that before the settings.

    Raises:
        ConfigurationError: a file names no format, or has a value that cannot be used.
    """
    from creator_tiers.exports.reading import Limits

    general = Limits(settings.stop_share, settings.stop_rows, settings.warn_share, settings.warn_rows)
    own: dict[str, Limits] = {}
    for path in (RESOURCES / "seeds" / NAME, settings.home / NAME):
        for name, changes in _read(path).items():
            own[name] = replace(own.get(name, general), **changes)
    return replace(general, formats=own)


def _read(path: Path) -> Mapping[str, dict[str, Any]]:
    import yaml

    from creator_tiers.exports.registry import FORMATS

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    known = {one.name for one in FORMATS}
    found = {}
    for name, values in content.items() if isinstance(content, dict) else [(content, None)]:
        if name not in known:
            raise ConfigurationError(f"{path}: {name!r} is no format; use one of {', '.join(sorted(known))}")
        if not isinstance(values, dict) or not values.keys() <= _KEYS.keys():
            raise ConfigurationError(f"{path}: {name} may have {', '.join(_KEYS)}, each with a number")
        for key, value in values.items():
            is_whole = key.endswith("_rows")
            if (
                isinstance(value, bool)
                or not isinstance(value, int if is_whole else int | float)
                or value <= 0
            ):
                kind = "a whole number" if is_whole else "a number"
                raise ConfigurationError(f"{path}: {name}.{key} is {value!r}; it must be {kind} above 0")
        found[name] = {_KEYS[key]: value for key, value in values.items()}
    return found
