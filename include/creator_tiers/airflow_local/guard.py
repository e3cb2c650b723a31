"""Waits until the runner is gone, then ends what the runner started. The runner itself normally does that first.

Started as `python -m creator_tiers.airflow_local.guard RUNNER_ID`, with the reading end of a pipe as standard input
whose other end only the runner holds: the runner writes the session of each process into it, a line each, and the
pipe closes when the runner ends, however it ends.
"""

from __future__ import annotations

import sys

from creator_tiers.airflow_local.processes import end_marked


def main() -> None:
    """Wait for the end of standard input, then end the runner's processes."""
    sessions = [int(line) for line in sys.stdin]
    end_marked(sys.argv[1], sessions)


if __name__ == "__main__":
    main()
