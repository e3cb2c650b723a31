"""YouTube Studio: each channel's advanced-mode table, in the shapes of several years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.samples import cells, words
from creator_tiers.samples.clocks import DAY, Ints, day_of, end_of, english_dates, iso, iso_days
from creator_tiers.samples.effects import TIERS
from creator_tiers.samples.people import Floats, make_accounts, stream
from creator_tiers.samples.posts import make_posts, observe, publishing_times
from creator_tiers.samples.stage import Drawn, Stage, disclosed, one_line, sidecar

VIDEO, SHORT = range(2)
_NEW = ("Content", "Video title", "Video publish time", "Duration", "Views", "Watch time (hours)", "Subscribers",
        "Likes", "Comments added", "Shares", "Impressions", "Impressions click-through rate (%)")  # fmt: skip
_OTHER = ("Content", "Video title", "Video publish time", "Duration", "Comments added", "Likes", "Views",
          "Subscribers", "Watch time (hours)", "Impressions", "Impressions click-through rate (%)")  # fmt: skip
_OLD = ("Video", "Video title", "Video pub\u00adlish time", "Com\u00adments ad\u00added", "Shares", "Likes", "Views",
        "Watch time (hours)", "Sub\u00adscribers", "Im\u00adpres\u00adsions",
        "Im\u00adpres\u00adsions click-through rate (%)")  # fmt: skip
_FIELDS = {name.replace("\u00ad", ""): name.replace("\u00ad", "") for name in (*_NEW, *_OLD)} | {
    "Video": "Content"
}


@dataclass(frozen=True, slots=True)
class _Static:
    """What never changes of a video: its text cells, its length and its click-through rate."""

    cells: Mapping[str, pa.Array]
    duration: Ints
    watched: Floats
    click_rate: Floats


def draw(stage: Stage) -> Drawn:
    """Draw YouTube's channels and videos and write its files."""
    rng = stream(stage.seed, "youtube.files")
    accounts = make_accounts("youtube", stage.counts("youtube"), seed=stage.seed, days=stage.days)
    long_weekly = rng.uniform(0.7, 1.3, len(accounts))
    position = np.arange(len(accounts))
    short_weekly = rng.uniform(0.8, 1.4, len(accounts))
    is_old = _old_channels(accounts.tier)
    account, published = publishing_times(rng, long_weekly, start=stage.start, days=stage.days)
    more, short_at = publishing_times(rng, short_weekly, start=stage.start, days=stage.days)
    keep = (~is_old & (position % 4 != 3))[more]
    group = np.concatenate([np.full(len(account), VIDEO), np.full(int(keep.sum()), SHORT)])
    account = np.concatenate([account, more[keep]])
    published = np.concatenate([published, short_at[keep]]) // DAY * DAY
    back = rng.integers(0, min(6, stage.days) * 86_400 // 60, len(accounts)) * 60
    exported = stage.as_of - 3_600 - back
    posts = make_posts(
        accounts,
        stage.group_effects("youtube"),
        account=account,
        published=published,
        group=group,
        start=stage.start,
        as_of=stage.as_of,
        last_export=exported,
        seed=stage.seed,
    )
    drawn = Drawn(accounts, posts)
    static = _static(rng, drawn)
    for one in range(len(accounts)):
        _write_channel(stage, drawn, static, one, int(exported[one]), is_old=bool(is_old[one]))
    return drawn


def _old_channels(tier: Ints) -> np.ndarray:
    """The last mid channel hands in an export of 2020's shape: soft hyphens, no durations (so no Shorts)."""
    mids = np.flatnonzero(tier == TIERS.index("mid"))
    old = np.zeros(len(tier), dtype=bool)
    old[mids[-1:] if len(mids) > 1 else mids[:0]] = True
    return old


def _static(rng: np.random.Generator, drawn: Drawn) -> _Static:
    posts = drawn.posts
    count, is_short = len(posts), posts.group == SHORT
    ids = cells.base64url(rng.integers(0, 1 << 62, count))
    ids = pc.replace_substring_regex(cells.text(ids), "^.", "")
    first = cells.text(cells.base64url(rng.integers(0, 64, count)))
    ids = pc.binary_join_element_wise(ids, pc.utf8_slice_codeunits(first, 10, 11), "")
    ids = pc.if_else(pc.starts_with(ids, "-"), pc.binary_join_element_wise(" ", ids, ""), ids)
    titles = np.where(
        is_short,
        words.pick(rng, words.CLIPS[1:], count) + " #shorts",
        words.pick(rng, words.TITLES, count),
    )
    titles = one_line(disclosed(rng, titles, drawn.accounts.tier[posts.account]))
    long_seconds = np.rint(np.exp(rng.normal(np.log(560), 0.5, count)))
    duration = np.where(is_short, rng.integers(9, 59, count), np.clip(long_seconds, 200, 9_000)).astype(
        np.int64
    )
    text = {
        "Content": cells.quote(ids, "needed"),
        "Video title": cells.quote(cells.text(titles), "needed"),
        "Video publish time": cells.quote(english_dates(posts.published, year=True), "needed"),
        "Duration": cells.integers(duration),
    }
    return _Static(text, duration, rng.uniform(0.3, 0.6, count), rng.uniform(1.5, 8.0, count))


def _write_channel(stage: Stage, drawn: Drawn, static: _Static, one: int, at: int, *, is_old: bool) -> None:
    """One channel's folder: the newest table, here and there an earlier one, one zip, one file with a footer."""
    accounts, files = drawn.accounts, drawn.files
    folder = f"youtube/{accounts.handle[one]}"
    is_first = one == 0 or accounts.tier[one] != accounts.tier[one - 1]
    names, newline = (_OLD, "\r\n") if is_old else (_OTHER if one % 3 == 1 else _NEW, "\n")

    def table(instant: int, footer: str | None = None) -> bytes | None:
        lines = _table(drawn, static, one, instant, names)
        if not lines:
            return None
        return cells.document([*lines, *([footer] if footer else [])], newline=newline)

    if one == 1:
        day = day_of(at)
        packed = table(end_of(day))
        if packed is not None:
            name = f"Content {day_of(stage.start)}_{day} {str(accounts.name[one]).strip()}.zip"
            members = {
                "Table data.csv": packed,
                "Chart data.csv": _chart(drawn, static, one, at),
                "Totals.csv": _totals(drawn, one, at),
            }
            files[f"{folder}/{name.replace(' | Sample', '')}"] = cells.archive(members)
        return
    plans = [(at, "Table data.csv", "Showing top 500 results" if is_first and one else None)]
    if is_first and at - 35 * DAY > stage.start + DAY:
        plans.append((at - 35 * DAY, "Table data (1).csv", None))
    for instant, name, footer in plans:
        body = table(instant, footer)
        if body is not None:
            files[f"{folder}/{name}"] = body
            files[f"{folder}/{name}.meta.yaml"] = sidecar(observed_at=iso(instant))
    if one == 0:
        files[f"{folder}/Totals.csv"] = _totals(drawn, one, at)
        files[f"{folder}/Totals.csv.meta.yaml"] = sidecar(observed_at=iso(at))


def _table(drawn: Drawn, static: _Static, one: int, at: int, names: Sequence[str]) -> list[str]:
    """Header, Total row, videos by views. The Total also counts what the table does not list."""
    posts = drawn.posts
    chosen = np.flatnonzero((posts.account == one) & (posts.published < at - DAY))
    if not len(chosen):
        return []
    counts = observe(posts, chosen, at)
    order = np.argsort(-counts.views, kind="stable")
    chosen = chosen[order]
    views, likes, comments, shares = (
        column[order] for column in (counts.views, counts.likes, counts.comments, counts.shares)
    )
    hours = views * static.duration[chosen] * static.watched[chosen] / 3600
    impressions = np.where(posts.group[chosen] == SHORT, views // 8, views * 9)
    whole = {"Views": views, "Likes": likes, "Comments added": comments, "Shares": shares,
             "Subscribers": views // 700 - 1, "Impressions": impressions}  # fmt: skip
    rows = pa.array(chosen)
    columns = {name: column.take(rows) for name, column in static.cells.items()}
    columns |= {name: cells.integers(column) for name, column in whole.items()}
    columns["Watch time (hours)"] = cells.decimals(hours, 4)
    columns["Impressions click-through rate (%)"] = cells.decimals(static.click_rate[chosen], 2)
    total = {name: str(int(column.sum() * 1.04)) for name, column in whole.items()}
    total |= {"Content": "To\u00adtal" if names is _OLD else "Total"}
    total |= {"Watch time (hours)": f"{hours.sum() * 1.04:.4f}", "Impressions click-through rate (%)": "4.2"}
    fields = [_FIELDS[name.replace("\u00ad", "")] for name in names]
    lines = cells.records([columns[name] for name in fields])
    first = ",".join(total.get(name, "") for name in fields)
    if one == 0:
        unlisted = dict.fromkeys(fields, "0") | {"Content": "u-nlistedX1", "Video title": "Draft, not public"}
        unlisted |= {"Video title": '"Draft, not public"', "Video publish time": "", "Duration": "75"}
        lines.append(",".join(unlisted[name] for name in fields))
    return [cells.header(names, "needed"), first, *lines]


def _chart(drawn: Drawn, static: _Static, one: int, at: int) -> bytes:
    """Views by day of one video: a sibling file that ingestion sets aside."""
    instants = (at // DAY - np.arange(28, 0, -1)) * DAY
    video = pa.array(np.flatnonzero(drawn.posts.account == one)[:1].repeat(len(instants)))
    texts = (static.cells[name].take(video) for name in ("Content", "Video title", "Video publish time"))
    columns = (iso_days(instants), *texts, cells.integers(40 + np.arange(28) % 7))
    return cells.document(["Date,Content,Video title,Video publish time,Views", *cells.records(columns)])


def _totals(drawn: Drawn, one: int, at: int) -> bytes:
    """Views by day of the channel: a sibling file that ingestion sets aside."""
    instants = (at // DAY - np.arange(28, 0, -1)) * DAY
    views = drawn.accounts.followers(one, np.arange(28)) // 12
    lines = cells.records([iso_days(instants), cells.integers(views)])
    return cells.document(["Date,Views", *lines])
