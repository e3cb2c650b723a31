"""The calibration study: writes `docs/calibration.md`.

Usage: `python bench/simulate.py [--replicates 2000] [--out docs/calibration.md]`. Two cores need about four minutes
for the default. Draws are seeded from the names of the scenarios, so that the same number of replicates gives the
same page.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from creator_tiers.comparison.bootstrap import bootstrap_t
from creator_tiers.comparison.draws import generator
from creator_tiers.comparison.power import Size, every_look, per_tier, target
from creator_tiers.comparison.simulation import (
    SHAPES,
    Arms,
    Share,
    coverage,
    ever_called_equal,
    ever_excluded,
    found,
    growth,
    rolling_panel,
)
from creator_tiers.comparison.simulation_campaigns import count_coverage, growing_campaigns

SD = 0.8
GROWTHS = {
    "5-50 and 5-50": (growth(5, 50), growth(5, 50)),
    "5-200 and 5-200": (growth(5, 200), growth(5, 200)),
    "3-50 and 3-50": (growth(3, 50), growth(3, 50)),
    "10-200 and 5-10": (growth(10, 200), growth(5, 10)),
    "8-200 and 5": (growth(8, 200), growth(5, 5)),
    "5-200 and 3-20": (growth(5, 200), growth(3, 20)),
    "20-25 and 3-50": (growth(20, 25), growth(3, 50)),
}
INTRODUCTION = """# Calibration: how often the intervals are wrong

Simulated creators, whose truth is known, looked at through the functions that the product uses. Log creator
rates, standard deviation {sd} unless said otherwise; {replicates} replicates a figure; ± is the Monte Carlo standard
error. Made by `make simulate`; why the method was chosen:
`docs/adr/0003-sequential-verdicts.md`.
"""


def main() -> None:
    """Run every study and write the page."""
    parser = argparse.ArgumentParser(description="Write the calibration page.")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path("docs/calibration.md"))
    arguments = parser.parse_args()
    n = arguments.replicates
    parts = [
        INTRODUCTION.format(sd=SD, replicates=n),
        _coverage(n),
        _growing(n),
        _skewed(n),
        _rolling(max(n // 2, 100)),
        _equal(n),
        _power(n),
        _boot(max(n // 4, 50)),
        _counts(max(n // 4, 50)),
    ]
    arguments.out.write_text("\n".join(parts), encoding="utf-8")
    print(arguments.out)


def _coverage(n: int) -> str:
    rows = [
        (shape, f"{size[0]} and {size[1]}", *coverage(f"{shape} {size}", Arms(shape, (SD, SD)), size, n))
        for shape in list(SHAPES)[:5]
        for size in ((3, 3), (5, 5), (10, 10), (30, 30), (50, 50), (50, 5))
    ]
    return _section(
        "One look: coverage of the nominal 95 % intervals",
        "`ci_low, ci_high` (Welch) should hold the truth in 95 % of weeks; the interval of the verdict in more. With "
        "arms of 5 to 50 of one size all cases lie within 93 to 97 % (3 and 3 slightly above), heavy tails included. "
        "With 50 against 5 and skewed logs Welch falls to 92.5 % (20,000 replicates). The column stays what it says, "
        "Welch's interval; no verdict rests on it, and the bootstrap-t below does no better there.",
        ("log rates", "creators", "Welch", "verdict's interval"),
        rows,
    )


def _growing(n: int) -> str:
    rows = []
    for name, (n_a, n_b) in GROWTHS.items():
        for shape in ("normal", "t, 3 df", "10 % outliers x4", "log of gamma(2)", "log of exponential"):
            cells = [
                ever_excluded(f"{name} {shape} {sd}", Arms(shape, sd), n_a, n_b, n)
                for sd in ((SD, SD), (SD, 2 * SD), (2 * SD, SD))
            ]
            rows.append((name, shape, cells[0][0], *(always for _, always in cells)))
    return _section(
        "52 weekly looks at growing data, no difference: how often the truth is ever excluded",
        "At most 5 % is asked for. The first figure is Welch's interval looked at every week, which is why it "
        "carries no verdict. Then the verdict's interval with standard deviations 1:1, 1:2 and 2:1.",
        (
            "creators, first to last week",
            "log rates",
            "Welch 1:1",
            "verdict 1:1",
            "verdict 1:2",
            "verdict 2:1",
        ),
        rows,
    )


def _skewed(n: int) -> str:
    rows = [
        (name, *(ever_excluded(f"{name} {arms}", arms, *path, n)[1] for arms in kinds))
        for name, path in GROWTHS.items()
        for kinds in [
            (
                Arms("log of exponential", (SD, SD), mirrored=True),
                Arms("exponential", (SD, SD)),
                Arms("exponential", (SD, 2 * SD)),
                Arms("exponential", (2 * SD, SD)),
            )
        ]
    ]
    return _section(
        "Strong skew",
        "The same, with logs skewed to opposite sides (-1.1 and 1.1), and with a skewness of 2 in both arms. No "
        "theorem covers them; the larger of the two errors and the fewer of the two degrees of freedom keep 5 %. "
        "The medians and the winsorised mean of the robustness strip show such data.",
        ("creators", "opposite -1.1, 1.1", "2, sd 1:1", "2, sd 1:2", "2, sd 2:1"),
        rows,
    )


def _rolling(n: int) -> str:
    rows = [
        (
            f"{size[0]} and {size[1]}",
            f"{share:.0%}",
            *rolling_panel(f"{size} {share}", Arms("normal", (SD, SD)), size, share, n),
            rolling_panel(f"{size} {share} g", Arms("log of gamma(2)", (SD, SD)), size, share, n)[1],
            rolling_panel(f"{size} {share} u", Arms("log of gamma(2)", (SD, 2 * SD)), size, share, n)[1],
            rolling_panel(f"{size} {share} e", Arms("exponential", (SD, 2 * SD)), size, share, n)[1],
        )
        for size in ((5, 5), (20, 20), (50, 5), (50, 8), (100, 20))
        for share in (0.5, 0.8, 0.9, 0.95)
    ]
    return _section(
        "52 weekly looks through a rolling window",
        "The same creators all year, of whom only the last 13 weeks' posts count: old evidence is forgotten, which "
        "the theory of growing data does not cover. What protects is that creators stay themselves: the share of "
        "the variance of creator rates that is the creator's own. Where the posts of a creator differ as much as "
        f"creators do, it is 80 % with 4 posts in the window and 93 % with 13. {n} replicates.",
        (
            "creators",
            "the creator's own",
            "Welch",
            "verdict",
            "log of gamma(2)",
            "the same, sd 1:2",
            "skewness 2, sd 1:2",
        ),
        rows,
    )


def _equal(n: int) -> str:
    rows = [
        (shape, name, ever_called_equal(f"{shape} {name}", Arms(shape, (sd, sd), math.log(1.25)), *path, n))
        for shape in ("normal", "t, 3 df", "log of gamma(2)")
        for name, path, sd in (
            ("5-200 and 5-200, sd 0.3", (growth(5, 200), growth(5, 200)), 0.3),
            ("5-400 and 5-400, sd 0.8", (growth(5, 400), growth(5, 400)), SD),
        )
    ]
    return _section(
        "A true ratio of 1.25, 52 looks: how often `no_material_difference` is ever said",
        "At most 5 % is asked for; both limits of the verdict's interval have to lie inside 0.80-1.25.",
        ("log rates", "creators", "ever said"),
        rows,
    )


def _power(n: int) -> str:
    rows = []
    for ratio in (1.25, 1.38, 2.0):
        arms = Arms("normal", (SD, SD), math.log(ratio))
        textbook = per_tier(SD, ratio)
        sized = target(Size(5, 5), SD, math.log(ratio), every_look)
        weekly = sized.a if sized else 5
        sure = target(Size(5, 5), SD, math.log(ratio), lambda a, b: every_look(a, b) + 1.645 - 0.84)
        most = sure.a if sure else 5
        rows += [
            (f"{ratio}", f"{label}: {size}", found(f"{ratio} {label}", arms, (size, size), n))
            for label, size in (("one look", textbook), ("80 %", weekly), ("95 %", most))
        ]
    return _section(
        "A true difference: how often the verdict finds it, at one look",
        "`one look` is 2 (sd x 2.8 / ln R)^2 creators per tier, which gives the Welch interval 80 %; the others are "
        "sized for the verdict's interval (80 %: `needed_more`).",
        ("true ratio", "creators per tier", "interval above 1"),
        rows,
    )


def _boot(n: int) -> str:
    rows = []
    for shape in ("normal", "log of gamma(2)", "log of exponential"):
        for size in ((5, 5), (20, 20), (50, 5)):
            name = f"{shape} {size}"
            rng, hits = generator("bootstrap study", name), 0
            for number in range(n):
                a, b = (SD * SHAPES[shape](rng, (one,)) for one in size)
                low, high = bootstrap_t(a, b, name, str(number))
                hits += low < 1 < high
            rows.append((shape, f"{size[0]} and {size[1]}", Share(hits / n, n)))
    return _section(
        "The bootstrap-t of the robustness strip",
        f"Coverage of its nominal 95 % at one look; {n} replicates.",
        ("log rates", "creators", "bootstrap-t"),
        rows,
    )


def _counts(n: int) -> str:
    rows = [
        (campaigns, size, spread, *count_coverage(f"{campaigns} {size} {spread}", campaigns, size, spread, n))
        for campaigns in (1, 3, 6, 12)
        for size in (5, 10, 30)
        for spread in ((0.0,) if campaigns == 1 else (0.0, 0.3))
    ]
    years = [
        (size, spread, *growing_campaigns(f"{size} {spread}", size, spread, max(n // 5, 50)))
        for size in (5, 15)
        for spread in (0.0, 0.3)
    ]
    return _section(
        "Orders per reach in campaigns: coverage at one look",
        "Negative binomial orders, log-normal reach, a true ratio of 1.3; the cluster-robust interval pooled over "
        f"campaigns, and the verdict's. {n} replicates.",
        ("campaigns", "creators a side", "spread between campaigns", "one look", "verdict's interval"),
        rows,
    ) + _section(
        "A year of campaigns, no difference: how often one is ever called",
        "A campaign more every fourth week, pooled and looked at each time from the second on; at most 5 % is asked "
        "for.",
        ("creators a side", "spread between campaigns", "one look", "verdict"),
        years,
    )


def _section(title: str, text: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"\n## {title}\n\n{text}\n", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
