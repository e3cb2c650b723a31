"""What every verb shares: the settings, the way to fail, the progress bar, options."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from creator_tiers.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
FORMATS = ("table", "csv", "json")


def settings_or_fail() -> Settings:
    """The settings; ends the command when one cannot be used."""
    from creator_tiers.settings import load_settings

    with told_failures():
        return load_settings()


def fail(message: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    click.echo(f"creator-tiers: {message}", err=True)
    raise SystemExit(1)


@contextmanager
def told_failures(*others: type[Exception]) -> Iterator[None]:
    """End the command with the message and exit code 1 where something fails that its user can mend.

    That is what breaks a promise or passes by itself, a setting, a file, the state store. Everything else is a fault of
    this program, and keeps its traceback.

    Args:
        others: further exceptions that are an answer of this command.
    """
    try:
        yield
    except BrokenPipeError:  # whoever reads the output has enough: `creator-tiers query ... | head`
        raise
    except Exception as error:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        from creator_tiers.errors import ContractError, TransientError
        from creator_tiers.settings import ConfigurationError

        told = (ContractError, TransientError, ConfigurationError, OSError, SQLAlchemyError)
        if not isinstance(error, (*told, *others)):
            raise
        if isinstance(error, OSError) and error.filename is not None:
            fail(f"{error.filename} cannot be used: {error.strerror}")
        fail(str(error.orig if isinstance(error, DBAPIError) else error))


class progress:  # noqa: N801 - used as a function
    """A progress bar on a terminal's standard error; nothing elsewhere."""

    def __init__(self, label: str, total: int | None, *, shown: bool) -> None:
        self._label, self._total = label, total
        self._shown = shown and sys.stderr.isatty()

    def __enter__(self) -> Callable[..., None]:
        if not self._shown:
            return lambda *_: None
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task(self._label, total=self._total)

        def advance(steps: int, total: int | None = None, what: str | None = None) -> None:
            self._bar.update(task, advance=steps, total=total or self._total, description=what or self._label)

        return advance

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._bar.stop()
