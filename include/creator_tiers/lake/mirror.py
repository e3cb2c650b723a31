"""Copies, on this machine, of what a lake in an object store holds. Its files never change, so copies are good."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from creator_tiers.stores.local import LocalStore, write_atomically
from creator_tiers.stores.store import Store

MANIFESTS = "manifests"


class Mirror:
    """A folder with copies: Parquet files under their names, manifests under name and tag."""

    def __init__(self, root: Path, store: Store) -> None:
        self._root = root
        self._store = store

    def manifests(self) -> list[str]:
        """The text of every manifest; only those that are new or changed are fetched."""
        names: dict[str, str] = {}
        for entry in self._store.entries(MANIFESTS):
            stem = Path(entry.name).stem
            names[f"{stem}@{''.join(filter(str.isalnum, entry.tag))}.json"] = entry.name
        folder = self._root / MANIFESTS
        here = [path.name for path in folder.glob("*.json")]
        # Another process may clear copies away at any moment: what is read now is kept.
        copies = LocalStore(folder).read_many(name for name in here if name in names)
        fetched = self._store.read_many(name for copy, name in names.items() if copy not in copies)
        texts = []
        for copy, name in names.items():
            if copy in copies:
                texts.append(copies[copy].decode("utf-8"))
            elif name in fetched:
                text = fetched[name].decode("utf-8")
                write_atomically(folder / copy, text)
                texts.append(text)
        for name in here:
            if name not in names:
                (folder / name).unlink(missing_ok=True)
        return texts

    def fetch(self, names: Iterable[str]) -> None:
        """Make sure that copies of these Parquet files are here.

        Raises:
            FileNotFoundError: the lake has one of them no longer.
        """
        missing = [name for name in names if not (self._root / name).is_file()]
        self._store.download({name: self._root / name for name in missing})

    def prune(self, named: Collection[str]) -> None:
        """Remove the copies of Parquet files that no manifest names (any more)."""
        for path in self._root.glob("*/**/*.parquet"):
            name = path.relative_to(self._root).as_posix()
            if not name.startswith(".") and name not in named:
                path.unlink(missing_ok=True)
