"""An independent reader of sample exports: the csv module and plain Python, nothing of the product."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
SETTLING = {"instagram": 7, "tiktok": 14, "youtube": 28}
TIERS = {
    "nano": (1, 4_999),
    "micro": (5_000, 20_000),
    "mid": (20_001, 100_000),
    "macro": (100_001, 1_000_000),
    "mega": (1_000_001, 10**12),
}


@dataclass(frozen=True)
class Seen:
    """A post as one file showed it."""

    platform: str
    group: str
    account: str
    post: str
    published: datetime
    observed: datetime
    likes: int
    comments: int
    views: int


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def dicts(body: bytes) -> list[dict[str, str]]:
    header, *rows = read(body)
    names = [name.replace("\u00ad", "") for name in header]
    return [dict(zip(names, row, strict=False)) for row in rows]


def bodies(folder: Path) -> list[tuple[str, bytes, str]]:
    """(path, bytes, name of the file that a sidecar stands beside), zips opened."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".csv":
            found.append((name, path.read_bytes(), name))
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                found += [(f"{name}/{member}", packed.read(member), name) for member in packed.namelist()]
    return found


def end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def observed_at(folder: Path, name: str) -> datetime:
    beside = folder / f"{name}.meta.yaml"
    if beside.exists():
        text = beside.read_text().removeprefix("observed_at: ").strip()
        return datetime.fromisoformat(text)
    last = Path(name).name
    if last.startswith("Content 20"):
        return end_of(date.fromisoformat(last.split()[1].split("_")[1]))
    if "_" in last and last[3] == "-":
        return end_of(datetime.strptime(last.split("_")[1], "%b-%d-%Y").replace(tzinfo=UTC).date())
    return end_of(date.fromisoformat(last.removesuffix(".csv")[-10:]))


def number(text: str) -> int:
    scale = {"K": 1e3, "M": 1e6}.get(text[-1:], 1)
    return round(float(text.rstrip("KM").replace(",", "")) * scale)


def followers(folder: Path) -> dict[str, list[tuple[date, int]]]:
    """`platform:handle` -> (day, count) in order, from the creator lists alone."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for path in sorted((folder / "creators").iterdir()):
        platform, day = path.stem.split("_")[0], date.fromisoformat(path.stem[-10:])
        header, *rows = read(path.read_bytes())
        handle = next(
            i for i, name in enumerate(header) if name in ("name", "Tiktoker name", "Youtube channel")
        )
        count = next(i for i, name in enumerate(header) if name in ("followers", "Subscribers"))
        for row in rows:
            if row[count] not in ("", "N/A"):
                found[f"{platform}:{row[handle].removeprefix('@')}"].append((day, number(row[count])))
    return found


def posts(folder: Path) -> list[Seen]:
    """Every feed post of every export, error rows, totals and hidden likes left out."""
    found: list[Seen] = []
    for name, body, beside in bodies(folder):
        platform, handle = name.split("/")[:2]
        if platform == "creators" or body[:2] == b"\xff\xfe":
            continue
        header = read(body)[0]
        rows = dicts(body)
        if header[0] in ("Post ID", "Identificação do post"):
            found += _meta(rows, observed_at(folder, beside), pt=header[0] != "Post ID")
        elif header[0] == "id":
            found += _api(rows, observed_at(folder, beside))
        elif header[:2] == ["Time", "Video title"]:
            found += _tiktok(rows, observed_at(folder, beside), handle)
        elif header[0] in ("Content", "Video") and platform == "youtube":
            found += _youtube(rows, observed_at(folder, beside), handle)
    return found


def _meta(rows: list[dict[str, str]], observed: datetime, *, pt: bool) -> list[Seen]:
    names = (
        ("Identificação do post", "Nome de usuário da conta", "Horário de publicação", "Curtidas", "Comentários",
         "Visualizações", "Tipo de post")
        if pt
        else ("Post ID", "Account username", "Publish time", "Likes", "Comments", "Views", "Post type")
    )  # fmt: skip
    found = []
    for row in rows:
        if row[names[0]] and "story" not in row[names[6]]:
            post, account, moment, likes, comments, views = (row[name] for name in names[:6])
            local = datetime.strptime(moment, "%m/%d/%Y %H:%M").replace(tzinfo=PACIFIC)
            found.append(
                Seen("instagram", "feed", account, post, local.astimezone(UTC), observed, int(likes),
                     int(comments), int(views))
            )  # fmt: skip
    return found


def _api(rows: list[dict[str, str]], observed: datetime) -> list[Seen]:
    return [
        Seen("instagram", "feed", row["username"], row["id"], datetime.fromisoformat(row["timestamp"]), observed,
             int(row["like_count"]), int(row["comments_count"]), int(row["views"] or 0))
        for row in rows
        if row["like_count"] != "-1"
    ]  # fmt: skip


def _tiktok(rows: list[dict[str, str]], observed: datetime, handle: str) -> list[Seen]:
    found = []
    for row in rows:
        if row["Video link"]:
            post = row["Video link"].rpartition("/")[2]
            published = datetime.fromtimestamp(int(post) >> 32, UTC)
            counts = (int(row[f"Total {name}"]) for name in ("likes", "comments", "views"))
            found.append(Seen("tiktok", "video", handle, post, published, observed, *counts))
    return found


def _youtube(rows: list[dict[str, str]], observed: datetime, handle: str) -> list[Seen]:
    found = []
    for row in rows:
        if row.get("Video publish time"):
            post = (row.get("Content") or row["Video"]).strip()
            published = datetime.strptime(row["Video publish time"], "%b %d, %Y").replace(tzinfo=UTC)
            group = "short" if int(row.get("Duration") or 999) <= 180 else "video"
            counts = (int(row[name]) for name in ("Likes", "Comments added", "Views"))
            found.append(Seen("youtube", group, handle, post, published, observed, *counts))
    return found


def tier_of(count: int) -> str:
    return next(tier for tier, (low, high) in TIERS.items() if low <= count <= high)


def creator_rates(folder: Path, as_of: datetime) -> dict[tuple[str, str, str], dict[str, float]]:
    """(platform, group, tier) -> account -> creator rate, as the metrics page defines it."""
    counts = followers(folder)
    first: dict[tuple[str, str], Seen] = {}
    for seen in posts(folder):
        age = seen.observed - seen.published
        in_window = as_of - timedelta(days=90) <= seen.published < as_of and seen.observed < as_of
        if in_window and age >= timedelta(days=SETTLING[seen.platform]):
            key = (seen.platform, seen.post)
            if key not in first or seen.observed < first[key].observed:
                first[key] = seen
    logs: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seen in first.values():
        listed = counts[f"{seen.platform}:{seen.account}"]
        place = bisect_right([day for day, _ in listed], seen.published.date()) - 1
        count = listed[place][1]
        denominator = count if seen.platform == "instagram" else seen.views
        rate = math.log((seen.likes + seen.comments + 0.5) / denominator)
        logs[seen.platform, seen.group, tier_of(count)][seen.account].append(rate)
    return {
        cell: {account: math.exp(sum(values) / len(values)) for account, values in accounts.items()}
        for cell, accounts in logs.items()
    }


def ratio(a: dict[str, float], b: dict[str, float]) -> float:
    """Ratio of geometric means."""
    means = [sum(map(math.log, arm.values())) / len(arm) for arm in (a, b)]
    return math.exp(means[0] - means[1])
