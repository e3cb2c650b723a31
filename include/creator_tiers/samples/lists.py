"""Creator lists as discovery tools give them, and a few files that are no data: a landing zone is never tidy."""

from __future__ import annotations

import codecs
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from creator_tiers.samples import cells
from creator_tiers.samples.clocks import day_of
from creator_tiers.samples.people import Accounts, listed_text
from creator_tiers.samples.stage import Stage

_HEADERS = {
    "instagram": ("Rank", "name", "instagram name", "Category_1", "followers", "followers", "country"),
    "tiktok": ("Rank", "Tiktoker name", "Tiktok name", "followers", "Category", "Country"),
    "youtube": ("Youtube channel", "Channel name", "Category", "Subscribers", "Country"),
}


def creator_lists(stage: Stage, accounts: Accounts) -> dict[str, bytes]:
    """A list every two weeks, each account with that day's count; the day stands in the file's name."""
    files = {}
    for number, day in enumerate(accounts.list_days.tolist()):
        listed = accounts.listed[:, number]
        order = np.argsort(-listed, kind="stable")
        rows = pa.array(order)
        followers = listed_text(accounts.platform, listed[order])
        rank = cells.integers(np.arange(1, len(order) + 1))
        handle, name, niche, country = (
            cells.text(column).take(rows)
            for column in (accounts.handle, accounts.name, accounts.niche, accounts.country)
        )
        columns = {
            "instagram": (rank, handle, name, niche, followers, cells.integers(listed[order]), country),
            "tiktok": (rank, handle, name, followers, niche, country),
            "youtube": (pc.binary_join_element_wise("@", handle, ""), name, niche, followers, country),
        }[accounts.platform]
        lines = cells.records([cells.quote(column, "needed") for column in columns])
        if accounts.platform == "instagram" and number % 4 == 0:
            lines += [",(profile is private),,,N/A,,", ",,,,,,"]
        day_name = (day_of(stage.start) + timedelta(days=day)).isoformat()
        header = cells.header(_HEADERS[accounts.platform], "needed")
        files[f"creators/{accounts.platform}_creators_{day_name}.csv"] = cells.document(
            [header, *lines], newline="\r\n"
        )
    return files


def strays(stage: Stage) -> dict[str, bytes]:
    """Files that people leave in such folders: an unknown table, and a page metrics export (UTF-16)."""
    notes = (
        'who,what,until\nMira,"call the printer, ask for two proofs",Friday\nJonas,send the briefing,Monday\n'
    )
    days = [stage.last_day - timedelta(days=back) for back in range(6, -1, -1)]
    metrics = ["sep=,", '"Reach"', '"Date","Primary"']
    metrics += [f'"{day.isoformat()}T00:00:00","{4000 + day.day * 7}"' for day in days]
    return {
        "instagram/northwind_sample/meeting notes.csv": notes.encode(),
        "instagram/northwind_sample/Reach.csv": codecs.BOM_UTF16_LE
        + "\r\n".join(metrics).encode("utf-16-le"),
    }
