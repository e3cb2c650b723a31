"""`python -m creator_tiers.airflow_local`: run the line once, keep Airflow up, or call Airflow's command line."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from creator_tiers.airflow_local.api import Api, ApiError
from creator_tiers.airflow_local.home import USER, AirflowHome
from creator_tiers.airflow_local.instance import NotReadyError, running
from creator_tiers.airflow_local.line import Check, Line, Outcome
from creator_tiers.airflow_local.lock import HomeBusyError
from creator_tiers.airflow_local.processes import ServiceDiedError, is_free
from creator_tiers.airflow_local.stages import Stages
from creator_tiers.settings import ConfigurationError, Settings, load_settings
from creator_tiers.weeks import Week

OK, FAILED, HELD_BACK = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer a call of the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        settings = load_settings()
        home = AirflowHome(settings)
        if options.command == "run":
            return run(home, _week(settings, options.week))
        if options.command == "up":
            return up(home, options.port)
        return _airflow(home, options.arguments)
    except ConfigurationError as error:
        return _fail(str(error), "Mend the setting and run again.")
    except HomeBusyError as error:
        return _fail(f"{error}.", "Wait for it to end, or stop it with Ctrl-C where it runs.")
    except (ServiceDiedError, NotReadyError, TimeoutError, ApiError) as error:
        return _fail(
            str(error), f"Look into {AirflowHome(load_settings()).logs}, mend the cause and run again."
        )
    except KeyboardInterrupt:
        return _fail("Interrupted.", "Run again: what is done is kept, what was half-done is done again.")


def run(home: AirflowHome, week: Week) -> int:
    """Drive ingest, build and publish once.

    Returns:
        0, 1 (a DAG run failed) or 3 (a gate held the report back, or it waits for a person's approval).
    """
    _say(f"Running the DAGs over {home.settings.landing_place} for {week.label}.")
    stages = Stages()
    with _airflow_for_run(home) as (api, check):
        stages.done("Airflow started")
        line = Line(api, check, _say)
        ingested = line.ingest()
        stages.done("ingest_exports")
        if not ingested.is_good:
            line.explain(ingested)
            return FAILED
        built = line.build(ingested)
        stages.done("build_marts")
        if not built.is_good:
            line.explain(built)
            return FAILED
        published = line.publish(week.label)
        stages.done("publish_tier_report")
        _say("Stages:")
        for one in stages.lines():
            _say(one)
        return _conclude(line, published)


def up(home: AirflowHome, port: int) -> int:
    """Keep Airflow running, with its UI, until Ctrl-C."""
    if not is_free(port):
        return _fail(f"Port {port} is taken.", "Choose another: AIRFLOW_PORT=8081 make up")
    _say("Starting Airflow ...")
    with running(home, mode="up", port=port, say=_say) as (api, services):
        _say(f"Airflow is up: {api.url}")
        _say(f"  user {USER}, password {home.password}")
        _say(f"  landing zone {home.settings.landing_place}, logs {home.logs}")
        _say("  The DAGs run by their schedules. Ctrl-C ends it.")
        try:
            while True:
                services.check()
                time.sleep(1)
        except KeyboardInterrupt:
            _say("Ending ...")
    return OK


@contextmanager
def _airflow_for_run(home: AirflowHome) -> Iterator[tuple[Api, Check]]:
    started = time.monotonic()
    try:
        with running(home, mode="run", port=None, say=_say) as (api, services):
            _say(f"Airflow is ready after {time.monotonic() - started:.0f} s; logs in {home.logs}.")
            yield api, services.check
    except HomeBusyError as error:
        if error.holder is None or error.holder.mode != "up":
            raise
        _say(f"Using the Airflow that is up on port {error.holder.port}.")
        yield Api(error.holder.port, USER, home.password), lambda: None


def _conclude(line: Line, published: Outcome) -> int:
    if published.is_waiting:
        _say("")
        _say(f"A report WAITS FOR APPROVAL ({published.run_id}); nothing is published or sent before.")
        checked = published.find("check_gates")
        facts = line.api.result(checked) if checked else None
        if isinstance(facts, dict):
            _say(f"Draft of {facts['week']}: {facts['draft']}")
        _say("What to do: `make up`, open Required Actions, read the draft, say Approve or Reject.")
        return HELD_BACK
    if published.is_good:
        delivered = published.find("deliver")
        if delivered is not None and delivered["state"] == "skipped":
            _say("")
            _say("The report was REJECTED; nothing was published or sent.")
            return HELD_BACK
        result = line.api.result(delivered) if delivered else None
        if not isinstance(result, dict):
            return _fail("deliver returned nothing.", "Run again.")
        _say("")
        _say(f"Report: {result['report']}")
        _say(str(result["headline"]))
        return OK
    gates = published.find("check_gates")
    if gates is not None and gates["state"] == "failed":
        reasons = line.api.result(gates, "closed_gates")
        if isinstance(reasons, list):
            _say("")
            _say("The report was HELD BACK; nothing was sent. Closed gates:")
            for reason in reasons:
                _say(f"  - {reason}")
            _say("What to do: mend what they name, then run again.")
            _say("An export that is late can be waived until a day, in expected_exports.yaml in the home.")
            return HELD_BACK
    line.explain(published)
    return FAILED


def _airflow(home: AirflowHome, arguments: list[str]) -> int:
    home.write()
    environment = home.environment(os.environ, port=8080, runner="cli", on_request=False)
    call = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(call, env=environment, check=False).returncode  # noqa: S603 (the user's own call)


def _week(settings: Settings, label: str | None) -> Week:
    if not label:
        return Week.last_full(datetime.now(UTC), settings.zone)
    try:
        return Week.parse(label, settings.zone)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creator_tiers.airflow_local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser(
        "run", help="run the DAGs once over the landing zone; 0 good, 3 held back, 1 failed"
    )
    one.add_argument("--week", help="ISO week of the report, such as 2026-W46 (default: the last full one)")
    stay = commands.add_parser("up", help="Airflow with its UI, until Ctrl-C")
    stay.add_argument(
        "--port",
        type=int,
        default=os.environ.get("AIRFLOW_PORT") or "8080",  # text, so that argparse says what is no number
        help="default: AIRFLOW_PORT or 8080",
    )
    call = commands.add_parser("airflow", help="Airflow's command line in this home")
    call.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)


def _fail(what: str, remedy: str) -> int:
    print(f"FAILED: {what}\nWhat to do: {remedy}", file=sys.stderr, flush=True)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
