"""TikTok Studio: each account's content lists (top posts, no year in the dates), follower history, overview."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.samples import cells, words
from creator_tiers.samples.clocks import DAY, Ints, english_dates, iso
from creator_tiers.samples.people import make_accounts, stream
from creator_tiers.samples.posts import make_posts, observe, publishing_times
from creator_tiers.samples.stage import Drawn, Stage, disclosed, one_line, sidecar

TOP = 40
"""A content list shows at most so many posts, of the last `LISTED_DAYS` days."""
SECOND_TOP = 20
LISTED_DAYS = 90
_CONTENT = ("Time", "Video title", "Video link", "Post time", "Total likes", "Total comments", "Total shares",
            "Total views")  # fmt: skip
_HISTORY = ("Date", "Followers", "Difference in followers from previous day")
_OVERVIEW = ("Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares")


def draw(stage: Stage) -> Drawn:
    """Draw TikTok's accounts and posts and write its files."""
    rng = stream(stage.seed, "tiktok.files")
    accounts = make_accounts("tiktok", stage.counts("tiktok"), seed=stage.seed, days=stage.days)
    weekly = rng.uniform(1.3, 2.4, len(accounts))
    account, published = publishing_times(rng, weekly, start=stage.start, days=stage.days)
    back = rng.integers(0, min(10, stage.days) * 86_400 // 60, len(accounts)) * 60
    exported = stage.as_of - 3_600 - back
    posts = make_posts(
        accounts,
        stage.group_effects("tiktok"),
        account=account,
        published=published,
        group=np.zeros(len(account), dtype=np.int64),
        start=stage.start,
        as_of=stage.as_of,
        last_export=exported,
        seed=stage.seed,
    )
    drawn = Drawn(accounts, posts)
    count = len(posts)
    ids = (posts.published << 32) | rng.integers(0, 1 << 32, count)
    titles = words.pick(rng, words.CLIPS, count) + words.pick(rng, words.CLIP_TAGS, count)
    titles = one_line(disclosed(rng, titles, accounts.tier[account]))
    owner = cells.text(accounts.handle[account])
    links = pc.binary_join_element_wise("https://www.tiktok.com/@", owner, "/video/", cells.integers(ids), "")
    shares_known = rng.random(count) > 0.004
    static = (cells.text(titles), links, english_dates(posts.published, year=False))
    tiers = accounts.tier
    for one in range(len(accounts)):
        is_first = one == 0 or tiers[one] != tiers[one - 1]
        _write_account(stage, drawn, static, shares_known, one, int(exported[one]), is_first=is_first)
    return drawn


def _write_account(
    stage: Stage,
    drawn: Drawn,
    static: tuple[pa.Array, ...],
    shares_known: np.ndarray,
    one: int,
    exported: int,
    *,
    is_first: bool,
) -> None:
    """One account's folder. A tier's first account has all that TikTok gives, the others one list."""
    folder = f"tiktok/{drawn.accounts.handle[one]}"
    files = drawn.files

    def content(at: int, name: str, *, by_likes: bool = False, deleted: bool = False) -> bytes | None:
        body = _content(drawn, static, shares_known, one, at, by_likes=by_likes, deleted=deleted)
        if body is not None:
            files[f"{folder}/{name}.meta.yaml"] = sidecar(observed_at=iso(at))
        return body

    if one == 1:
        name = f"Content_{drawn.accounts.handle[one]}.zip"
        body = content(exported, name)
        if body is not None:
            files[f"{folder}/{name}"] = cells.archive({"Content.csv": body})
        return
    plans = [(exported, "Content.csv", False)]
    if is_first:
        plans.append((exported, "Content 2.csv", True))
        earlier = [exported - weeks * 7 * DAY for weeks in (4, 8)]
        plans += [
            (at, f"Content {i}.csv", False) for i, at in enumerate(earlier, 3) if at > stage.start + DAY
        ]
    for number, (at, name, by_likes) in enumerate(plans):
        body = content(at, name, by_likes=by_likes, deleted=is_first and number == 0)
        if body is not None:
            files[f"{folder}/{name}"] = body
    if is_first:
        for name, body in (
            ("FollowerHistory.csv", _history(stage, drawn, one, exported)),
            ("Overview.csv", _overview(drawn, one, exported)),
        ):
            files[f"{folder}/{name}"] = body
            files[f"{folder}/{name}.meta.yaml"] = sidecar(observed_at=iso(exported))


def _content(
    drawn: Drawn,
    static: tuple[pa.Array, ...],
    shares_known: np.ndarray,
    one: int,
    at: int,
    *,
    by_likes: bool,
    deleted: bool,
) -> bytes | None:
    posts = drawn.posts
    chosen = np.flatnonzero(
        (posts.account == one) & (posts.published < at) & (posts.published > at - LISTED_DAYS * DAY)
    )
    if not len(chosen):
        return None
    counts = observe(posts, chosen, at)
    order = np.argsort(-(counts.likes if by_likes else counts.views), kind="stable")
    order = order[: SECOND_TOP if by_likes else TOP]
    rows = pa.array(chosen[order])
    shares = pc.fill_null(cells.integers(counts.shares[order], shares_known[chosen[order]]), "undefined")
    day = english_dates([at] * len(order), year=False)
    numbers = (counts.likes, counts.comments, counts.views)
    likes, comments, views = (cells.integers(one_count[order]) for one_count in numbers)
    columns = (day, *(column.take(rows) for column in static), likes, comments, shares, views)
    lines = _as_tiktok(columns)
    if deleted:
        when = str(english_dates([at - 20 * DAY], year=False)[0])
        lines.append(f'"{day[0]}","","","{when}","12","1","0","840"')
    return cells.document([cells.header(_CONTENT, "texts"), *lines], bom=True, last=False)


def _as_tiktok(columns: tuple[pa.Array, ...]) -> list[str]:
    """All cells in quotes; inner quotes are not doubled, as TikTok leaves them."""
    return cells.records([pc.binary_join_element_wise('"', one, '"', "") for one in columns])


def _history(stage: Stage, drawn: Drawn, one: int, at: int) -> bytes:
    """365 days of follower counts up to the day before the export; the first are not known."""
    instants = (at // DAY - np.arange(365, 0, -1)) * DAY
    days = (instants - stage.start) // DAY
    followers = drawn.accounts.followers(one, days)
    known = days >= -30
    change = np.where(known & np.roll(known, 1), np.diff(followers, prepend=followers[:1]), 0)
    shown = pc.fill_null(cells.integers(followers, known), "undefined")
    columns = (english_dates(instants, year=False), shown, cells.integers(change))
    lines = cells.records([cells.quote(column, "texts") for column in columns])
    return cells.document([cells.header(_HISTORY, "texts"), *lines], bom=True, last=False)


def _overview(drawn: Drawn, one: int, at: int) -> bytes:
    """Daily sums, which are not posts: a file that ingestion sets aside."""
    instants = (at // DAY - np.arange(60, 0, -1)) * DAY
    views: Ints = drawn.accounts.followers(one, np.arange(60)) // 9 + np.arange(60) % 7 * 31
    columns = (
        english_dates(instants, year=False),
        *(cells.integers(views // by) for by in (1, 90, 17, 400, 600)),
    )
    lines = cells.records([cells.quote(column, "texts") for column in columns])
    return cells.document([cells.header(_OVERVIEW, "texts"), *lines], bom=True, last=False)
