"""Instagram: Meta's content exports of two business portfolios and of a Brazilian one, stories, and API dumps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.samples import cells, words
from creator_tiers.samples.clocks import DAY, MONTHS, Ints, american_minutes, end_of, iso_texts, pacific
from creator_tiers.samples.effects import TIERS
from creator_tiers.samples.people import make_accounts, stream
from creator_tiers.samples.posts import Posts, make_posts, observe, publishing_times
from creator_tiers.samples.stage import Drawn, Stage, disclosed

COVERED_DAYS = 35
NORTH, SOUTH, BRAZIL, API = range(4)
FOLDERS = ("northwind_sample", "southbank_sample", "brasil_sample")

_COMMON = ("Post ID", "Account ID", "Account username", "Account name", "Description", "Duration (sec)",
           "Publish time", "Permalink", "Post type", "Data comment", "Date")  # fmt: skip
_HEADERS = (
    (*_COMMON, "Views", "Likes", "Shares", "Comments", "Saves", "Reach", "Follows"),
    (*_COMMON, "Views", "Reach", "Likes", "Shares", "Follows", "Comments", "Saves"),
    ("Identificação do post", "Identificação da conta", "Nome de usuário da conta", "Nome da conta", "Descrição",
     "Duração (s)", "Horário de publicação", "Link permanente", "Tipo de post", "Comentário de dados", "Data",
     "Visualizações", "Alcance", "Curtidas", "Compartilhamentos", "Seguimentos", "Comentários", "Salvamentos"),
)  # fmt: skip
_METRICS = (
    ("views", "likes", "shares", "comments", "saves", "reach", "follows"),
    ("views", "reach", "likes", "shares", "follows", "comments", "saves"),
    ("views", "reach", "likes", "shares", "follows", "comments", "saves"),
)
_STORIES = (*_COMMON, "Reach", "Likes", "Shares", "Replies", "Sticker taps", "Navigation", "Profile visits",
            "Views", "Follows", "Link clicks")  # fmt: skip
_GRAPH = ("id", "caption", "like_count", "comments_count", "media_type", "media_product_type", "timestamp",
          "permalink", "username", "reach", "views", "saved", "shares", "followers")  # fmt: skip
_ERROR = (
    ',,,,,,,,,"An error occurred while computing metadata for content with ID {}.'
    ' An error occurred while computing metrics.",-,,,,,,,'
)
REEL, CAROUSEL, IMAGE = range(3)
_KINDS = ("IG reel", "IG carousel", "IG image")
_MEDIA_TYPES = ("VIDEO", "CAROUSEL_ALBUM", "IMAGE")
_EPOCH_MS = 1_314_220_021_721


@dataclass(frozen=True, slots=True)
class _Texts:
    """What never changes of a post, as text: one array element a post."""

    post_id: pa.Array
    caption: pa.Array
    permalink: pa.Array
    prefix: pa.Array
    kind: Ints
    is_shared: Any


def draw(stage: Stage) -> Drawn:
    """Draw Instagram's accounts and posts and write its files."""
    rng = stream(stage.seed, "instagram.files")
    accounts = make_accounts("instagram", stage.counts("instagram"), seed=stage.seed, days=stage.days)
    home = _homes(accounts.tier)
    weekly = rng.uniform(0.8, 1.5, len(accounts))
    account, published = publishing_times(rng, weekly, start=stage.start, days=stage.days)
    last = end_of(stage.last_day)
    posts = make_posts(
        accounts,
        stage.group_effects("instagram"),
        account=account,
        published=published // 60 * 60,
        group=np.zeros(len(account), dtype=np.int64),
        start=stage.start,
        as_of=stage.as_of,
        last_export=np.full(len(accounts), last),
        seed=stage.seed,
    )
    drawn = Drawn(accounts, posts)
    texts = _texts(rng, drawn, home)
    _write_portfolio(rng, drawn, texts, home, NORTH, stage.export_days(7))
    _write_portfolio(rng, drawn, texts, home, SOUTH, stage.export_days(14))
    _write_portfolio(rng, drawn, texts, home, BRAZIL, stage.export_days(28)[-3:])
    _write_stories(rng, stage, drawn, home)
    for one in np.flatnonzero(home == API):
        for day in stage.export_days(28)[-3:]:
            _write_api_dump(drawn, texts, int(one), day, stage)
    return replace(drawn, links=texts.permalink, is_open=home[posts.account] == NORTH)


def _homes(tier: Ints) -> Ints:
    """Which export each account comes in: two mids by the API, four in the Brazilian portfolio, the rest in two."""
    home = np.where(np.arange(len(tier)) % 2 == 0, NORTH, SOUTH)
    mids = np.flatnonzero(tier == TIERS.index("mid"))
    if len(mids) >= 3:
        home[mids[:2]] = API
        home[mids[2:6]] = BRAZIL
    return home


def _texts(rng: np.random.Generator, drawn: Drawn, home: Ints) -> _Texts:
    posts, accounts = drawn.posts, drawn.accounts
    count, brazilian = len(posts), home[posts.account] == BRAZIL
    kind = np.where(brazilian, REEL, np.searchsorted([0.5, 0.8], rng.random(count)))
    caption = words.pick(rng, words.CAPTIONS, count) + words.pick(rng, words.HASHTAGS, count)
    caption = np.where(brazilian, words.pick(rng, words.PORTUGUESE, count), caption)
    caption = disclosed(rng, caption, accounts.tier[posts.account])
    drafts = np.where(rng.random(count) < 0.03, rng.integers(3_600, 30 * 3_600, count), 0)
    instants = (posts.published - drafts) * 1000 + rng.integers(0, 60_000, count)
    codes = cells.base64url(((instants - _EPOCH_MS) << 23) | rng.integers(0, 1 << 23, count))
    part = cells.text(np.asarray(["reel", "p", "p"], dtype=object)[kind])
    permalink = pc.binary_join_element_wise("https://www.instagram.com", part, cells.text(codes), "", "/")
    ids = (
        17_840_000_000_000_000
        + rng.permutation(count) * 9_000_000_007
        + rng.integers(0, 9_000_000_000, count)
    )
    kinds = np.where(brazilian, "Reel do Instagram", np.asarray(_KINDS, dtype=object)[kind])
    post_id, text = cells.integers(ids), cells.text(caption)
    columns = (
        post_id,
        _account_ids(posts.account),
        cells.text(accounts.handle[posts.account]),
        cells.text(accounts.name[posts.account]),
        text,
        cells.integers(np.where(kind == REEL, rng.integers(6, 90, count), 0)),
        american_minutes(pacific(posts.published)),
        permalink,
        cells.text(kinds),
        pa.nulls(count, pa.string()),
        cells.text(np.where(brazilian, "Total", "Lifetime").astype(object)),
    )
    quoted = [cells.quote(pc.if_else(pc.equal(one, ""), None, one), "spaces") for one in columns]
    prefix = cells.text(cells.records(quoted))
    shared = (home[posts.account] == NORTH) & (rng.random(count) < 0.02)
    return _Texts(post_id, text, permalink, prefix, kind, shared)


def _account_ids(account: Ints) -> pa.Array:
    return cells.integers(17_841_400_002_000_000 + account * 7_919_003)


def _write_portfolio(
    rng: np.random.Generator,
    drawn: Drawn,
    texts: _Texts,
    home: Ints,
    portfolio: int,
    days: list[date],
) -> None:
    """Overlapping content exports. The southern portfolio also sees the northern one's collab posts."""
    posts = drawn.posts
    mine = home[posts.account] == portfolio
    seen = mine | texts.is_shared if portfolio == SOUTH else mine
    covered = COVERED_DAYS if portfolio != BRAZIL else 84
    header = cells.header(_HEADERS[portfolio], "spaces")
    for number, day in enumerate(days):
        at = end_of(day)
        recent = (posts.published <= at) & (posts.published > at - covered * DAY)
        chosen = np.flatnonzero(seen & recent)
        if not len(chosen):
            continue
        chosen = chosen[np.argsort(-posts.published[chosen], kind="stable")]
        lines = _lines(posts, texts, chosen, at, _METRICS[portfolio], mine[chosen])
        if portfolio != BRAZIL and number % 4 == 3:
            lines.insert(int(rng.integers(0, len(lines))), _ERROR.format(rng.integers(10**16, 2 * 10**16)))
        name = f"{FOLDERS[portfolio]}/{_file_name(rng, day - timedelta(days=covered - 1), day)}"
        drawn.files[f"instagram/{name}"] = cells.document([header, *lines], bom=True)


def _lines(
    posts: Posts, texts: _Texts, chosen: Ints, at: int, metrics: tuple[str, ...], is_own: Any
) -> list[str]:
    counts = observe(posts, chosen, at)
    columns = {
        "views": cells.integers(counts.views),
        "likes": cells.integers(counts.likes),
        "comments": cells.integers(counts.comments),
        "shares": cells.integers(counts.shares),
        "saves": cells.integers(counts.saves),
        "reach": cells.integers(counts.reach, is_own),
        "follows": cells.integers(counts.reach // 900, is_own),
    }
    return cells.records([texts.prefix.take(pa.array(chosen)), *(columns[name] for name in metrics)])


def _file_name(rng: np.random.Generator, first: date, last: date) -> str:
    span = "_".join(f"{MONTHS[day.month - 1][:3]}-{day.day:02}-{day.year}" for day in (first, last))
    return f"{span}_{rng.integers(10**15, 9 * 10**15)}.csv"


def _write_stories(rng: np.random.Generator, stage: Stage, drawn: Drawn, home: Ints) -> None:
    """One story export every four weeks, of the first accounts of the northern portfolio."""
    accounts = drawn.accounts
    tellers = np.flatnonzero(home == NORTH)[::9][:8]
    for day in stage.export_days(28)[-4:]:
        at = end_of(day)
        count = 6 * len(tellers)
        teller = rng.permutation(np.repeat(tellers, 6))
        published = np.sort(at - rng.integers(DAY, 27 * DAY, count))[::-1] // 60 * 60
        followers = accounts.followers(teller, (published - stage.start) // DAY)
        reach = np.rint(followers * np.exp(rng.normal(np.log(0.04), 0.4, count))).astype(np.int64)
        link, sticker = rng.random(count) < 0.15, rng.random(count) < 0.1
        video = rng.random(count) < 0.5
        caption = words.pick(rng, ("", "", "New post is up ✨", "Ask me anything 👇", "صباح الخير ☕"), count)
        columns = (
            cells.integers(18_000_000_000_000_000 + rng.integers(0, 99_000_000_000_000, count)),
            _account_ids(teller),
            cells.text(accounts.handle[teller]),
            cells.text(accounts.name[teller]),
            pc.if_else(pc.equal(cells.text(caption), ""), None, cells.text(caption)),
            cells.integers(np.where(video, rng.integers(3, 15, count), 0)),
            american_minutes(pacific(published)),
            pa.nulls(count, pa.string()),
            cells.text(["IG story"] * count),
            pa.nulls(count, pa.string()),
            cells.text(["Lifetime"] * count),
            cells.integers(reach),
            cells.integers(reach // 60),
            cells.integers(reach // 400),
            cells.integers(reach // 300),
            cells.integers(reach // 90, sticker),
            cells.integers(reach + reach // 4),
            cells.integers(reach // 70, rng.random(count) < 0.5),
            cells.integers(reach + reach // 20),
            cells.integers(reach // 2000, rng.random(count) < 0.1),
            cells.integers(reach // 80, link),
        )
        lines = cells.records([cells.quote(one, "spaces") for one in columns])
        name = _file_name(rng, day - timedelta(days=27), day)
        header = cells.header(_STORIES, "spaces")
        drawn.files[f"instagram/{FOLDERS[NORTH]}/{name}"] = cells.document([header, *lines], bom=True)


def _write_api_dump(drawn: Drawn, texts: _Texts, account: int, day: date, stage: Stage) -> None:
    """All posts of one account so far. Insights are missing for 48 hours; a few posts hide their likes."""
    posts, accounts = drawn.posts, drawn.accounts
    at = end_of(day)
    chosen = np.flatnonzero((posts.account == account) & (posts.published <= at))
    chosen = chosen[np.argsort(-posts.published[chosen], kind="stable")]
    if not len(chosen):
        return
    counts = observe(posts, chosen, at)
    known = posts.published[chosen] < at - 2 * DAY
    rows, kind = pa.array(chosen), texts.kind[chosen]
    hidden = chosen % 17 == 0
    followers = accounts.followers(account, (at - stage.start) // DAY)
    captions = cells.quote(pc.replace_substring(texts.caption.take(rows), "\n", " "), "texts")
    columns = (
        cells.quote(texts.post_id.take(rows), "texts"),
        captions,
        cells.integers(np.where(hidden, -1, counts.likes)),
        cells.integers(counts.comments),
        cells.quote(cells.text(np.asarray(_MEDIA_TYPES, dtype=object)[kind]), "texts"),
        cells.quote(cells.text(np.where(kind == REEL, "REELS", "FEED").astype(object)), "texts"),
        pc.binary_join_element_wise(iso_texts(posts.published[chosen]), "+0000", ""),
        cells.quote(texts.permalink.take(rows), "texts"),
        cells.quote(cells.text([accounts.handle[account]] * len(chosen)), "texts"),
        cells.integers(counts.reach, known),
        cells.integers(counts.views, known),
        cells.integers(counts.saves, known),
        cells.integers(counts.shares, known),
        cells.integers(np.full(len(chosen), followers)),
    )
    path = f"instagram/{accounts.handle[account]}/instagram_posts_{day.isoformat()}.csv"
    drawn.files[path] = cells.document([cells.header(_GRAPH, "texts"), *cells.records(columns)])
