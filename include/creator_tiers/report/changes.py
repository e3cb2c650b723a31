"""What is new since the report of the week before, in at most three lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from creator_tiers.report.platforms import Pair
from creator_tiers.report.wording import count_text, group_name, primary_metric, ratio_text, verdict_of

MOST_LINES = 3
NOTABLE_MOVE = 0.05
"""A ratio that moved by less than this share is not worth a line."""

NOTHING = "Nothing changed: the same verdicts and creators, and no micro / mega ratio moved by 5% or more."
FIRST = "The week before has no report to compare with."


def describe_changes(pairs: Sequence[Pair], before: Sequence[Pair]) -> tuple[str, ...]:
    """The greatest changes of micro against mega by the main metrics, most telling first.

    A changed verdict comes before a moved ratio, that before a changed number of creators. When there are
    more than three changes the last line says how many more.
    """
    if not before:
        return (FIRST,)
    earlier = {pair.key: pair for pair in before if _is_watched(pair)}
    current = {pair.key: pair for pair in pairs if _is_watched(pair)}
    found = [line for key, pair in current.items() for line in _changes(pair, earlier.get(key))]
    found += [
        (0, f"{group_name(pair.platform, pair.kind_group)}: no longer compared.")
        for key, pair in earlier.items()
        if key not in current
    ]
    lines = [line for _, line in sorted(found, key=lambda item: item[0])]
    if len(lines) > MOST_LINES:
        rest = len(lines) - MOST_LINES + 1
        lines = [
            *lines[: MOST_LINES - 1],
            f"And {rest} smaller changes; comparison.csv of both weeks has them.",
        ]
    return tuple(lines) or (NOTHING,)


def _is_watched(pair: Pair) -> bool:
    return pair.is_key_pair and pair.metric == primary_metric(pair.platform)


def _changes(pair: Pair, old: Pair | None) -> Iterator[tuple[int, str]]:
    name = group_name(pair.platform, pair.kind_group)
    if old is None:
        yield 0, f"{name}: compared for the first time ({pair.outcome.word})."
        return
    if pair.verdict != old.verdict:
        was, now = old.outcome.word, pair.outcome.word
        if was == now:  # the claimed size fits, or does not any more
            was, now = verdict_of(old.verdict).word, verdict_of(pair.verdict).word
        yield 0, f"{name}: “{was}” became “{now}”."
    if pair.estimate and old.estimate:
        if abs(pair.estimate / old.estimate - 1) >= NOTABLE_MOVE:
            moved = f"{ratio_text(old.estimate)} to {ratio_text(pair.estimate)}"
            yield 1, f"{name}: the micro / mega ratio moved from {moved}."
    elif (pair.estimate is None) != (old.estimate is None):
        now = "no ratio any more" if pair.estimate is None else f"a first ratio, {ratio_text(pair.estimate)}"
        yield 1, f"{name}: {now}."
    steps = ((pair.creators_a - old.creators_a, "micro"), (pair.creators_b - old.creators_b, "mega"))
    moved_counts = [
        f"{count_text(abs(n))} {'more' if n > 0 else 'fewer'} {tier}" for n, tier in steps if n != 0
    ]
    if moved_counts:
        yield 2, f"{name}: {' and '.join(moved_counts)} creators compared."
