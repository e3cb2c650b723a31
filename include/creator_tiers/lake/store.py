"""The lake: Parquet files, and manifests that make them count. In a folder or in an object store."""

from __future__ import annotations

import dataclasses
import fcntl
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from creator_tiers.errors import TransientError
from creator_tiers.lake.manifests import Manifest
from creator_tiers.lake.mirror import MANIFESTS, Mirror
from creator_tiers.stores import LocalStore, Store
from creator_tiers.stores.local import PARTIAL, replace_atomically, write_atomically
from creator_tiers.stores.store import change

__all__ = ["ERASED", "Lake", "replace_atomically", "write_atomically"]

ERASED = ".erased"
"""Ending of a file that an erasure is writing."""

_NOTES = (MANIFESTS, "seen", "plans", "forgotten")
"""Folders of the lake that hold no rows."""


class LoadChangedError(TransientError):
    """Somebody else made a load again at the same time; the next try starts from what they made."""


class Lake:
    """The lake.

    `<dataset>/<load_key>.parquet` holds rows; they count only while `manifests/<load_key>.json` exists, which is
    written last. A load that is made again has its rows in `<dataset>/r<revision>/<load_key>.parquet`, until its
    manifest names that revision they do not count, and afterwards the old ones do not. `seen/<key>.json` remembers
    which landing files need no look any more.

    In an object store Parquet files lie in one folder more, named by the manifest's token, which is another one at each
    try: what two machines write at the same time never has the same name, and the manifest that is there first says
    which counts. No lock is needed, and a name never holds other bytes.
    """

    def __init__(self, root: Path, store: Store | None = None) -> None:
        """Make one.

        Args:
            root: the lake's folder; with a store, the folder on this machine for copies and what is not decided yet.
            store: where the lake is; None for the folder itself.
        """
        self.root = root
        self.store: Store = store or LocalStore(root)
        self._mirror = Mirror(root, store) if store else None

    @property
    def is_remote(self) -> bool:
        """Whether the lake is in an object store, which other machines may write to as well."""
        return self._mirror is not None

    def manifests(self) -> list[Manifest]:
        """Every load, in the order in which loads came: loaded_at, file_id, load_key.

        Raises:
            TransientError: the lake cannot be opened, which is no reason to call it empty.
        """
        if self._mirror is None:
            texts = [content.decode("utf-8") for content in self.store.read_many(self._noted()).values()]
        else:
            texts = self._mirror.manifests()
        found = [Manifest.from_json(text) for text in texts]
        if self._mirror is not None:
            self._mirror.prune({name for one in found for name in self.names_of(one)})
        return sorted(found, key=lambda one: (one.loaded_at, one.file_id, one.load_key))

    def _noted(self) -> list[str]:
        try:
            files = list((self.root / MANIFESTS).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TransientError(f"the lake {self.root} cannot be opened: {error.strerror}") from error
        return [f"{MANIFESTS}/{file.name}" for file in files if file.suffix == ".json"]

    def manifest(self, load_key: str) -> Manifest | None:
        """One load; None where there is none."""
        content = self.store.read(_manifest_name(load_key))
        return None if content is None else Manifest.from_json(content.decode("utf-8"))

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether all Parquet files of a load are there: an erasure may have taken one from a run that was killed."""
        return all(self.store.entry(name) for name in self.names_of(manifest))

    def new_token(self) -> str:
        """What a try to make a load has in the names of its Parquet files; nothing in a folder."""
        return secrets.token_hex(6) if self.is_remote else ""

    def commit(self, manifest: Manifest) -> Manifest:
        """Make a load count, its Parquet files being in place; paths that were told before are kept.

        A load that was made again meanwhile, or that another machine was quicker to make, stays as it is and only gains
        paths.

        Returns:
            The load that counts.
        """

        def decide(known: Manifest | None) -> Manifest:
            if known is None:
                return manifest
            is_older = known.revision > manifest.revision
            is_other = known.token != manifest.token and self.is_whole(known)
            counts, other = (known, manifest) if is_older or is_other else (manifest, known)
            for path in other.paths:
                counts = counts.with_path(path)
            return counts

        return self._change(manifest.load_key, decide)

    def replace(self, manifest: Manifest, known: Manifest | None = None) -> None:
        """Make the next revision of a load count, its Parquet files being in place, and remove the older ones.

        Args:
            manifest: the next revision.
            known: the revision that it was made from; paths that were told since then are kept.

        Raises:
            LoadChangedError: another revision was made since then, which this one knows nothing of.
        """

        def decide(found: Manifest | None) -> Manifest:
            if known is None or (found and _attempt(found) == _attempt(manifest)):
                return manifest
            if found is None or _attempt(found) != _attempt(known):
                raise LoadChangedError(f"the load {manifest.load_key} was made again meanwhile: try again")
            new = manifest
            for path in {*found.paths} - {*known.paths}:
                new = new.with_path(path)
            return new

        try:
            self._change(manifest.load_key, decide)
        except LoadChangedError:
            self.discard(manifest)
            raise
        self.remove_superseded(manifest)
        if known is not None:
            self.discard(known, but=manifest)

    def discard(self, manifest: Manifest, but: Manifest | None = None) -> None:
        """Delete the Parquet files of a try that does not count, less those of the one that does."""
        if self.is_remote:
            self._delete({*self.names_of(manifest)} - {*(self.names_of(but) if but else ())})

    def remove_superseded(self, manifest: Manifest) -> None:
        """Remove the Parquet files that the load's manifest does not name (any more).

        In an object store only `remove_leftovers` finds them all.
        """
        if self.is_remote or not self.root.is_dir():
            return
        named = {self.root / name for name in self.names_of(manifest)}
        folders = [path.name for path in self.root.iterdir() if path.is_dir()]
        for revision in range(manifest.revision + 2):
            for dataset in folders:
                path = self.dataset_path(dataset, manifest.load_key, revision)
                path.with_suffix(ERASED).unlink(missing_ok=True)
                if path not in named:
                    path.unlink(missing_ok=True)

    def remove_leftovers(self) -> int:
        """Delete the Parquet files that no manifest names: what killed runs, and tries that lost, left behind.

        On this machine the half-written ones as well. Also takes the rows of loads that are not committed yet away from
        under a run that is writing them. Whoever calls this changes the list of forgotten accounts first: a run looks
        at that list after its commits, and what it committed before the change is seen here.
        """
        entries = [one for one in self.store.entries() if one.name.endswith(".parquet")]
        named = {name for one in self.manifests() for name in self.names_of(one)}
        left = {one.name for one in entries if one.name.partition("/")[0] not in _NOTES} - named
        self._delete(left)
        for half in self.root.rglob(f".*.parquet.*{PARTIAL}"):
            half.unlink(missing_ok=True)
        return len(left)

    def withdraw(self, *load_keys: str) -> None:
        """Make loads not count any more: failures that a later try replaces."""
        self.store.delete([_manifest_name(key) for key in load_keys])

    def remove(self, manifest: Manifest) -> None:
        """Take a load away: first it does not count any more, then its rows go."""
        self.withdraw(manifest.load_key)
        self.discard(manifest)
        self.remove_superseded(dataclasses.replace(manifest, datasets=()))

    def put(self, manifest: Manifest, dataset: str, fill: Callable[[Path], object]) -> None:
        """Put a load's rows of a dataset in place.

        Args:
            manifest: the load; it does not count yet.
            dataset: one of its datasets.
            fill: makes the file at the path that it is given.
        """
        name = _name(dataset, manifest.load_key, manifest.revision, manifest.token)

        def fill_and_upload(partial: Path) -> None:
            fill(partial)
            if self.is_remote:
                self.store.upload(partial, name)

        replace_atomically(self.root / name, fill_and_upload)

    def file(self, manifest: Manifest, dataset: str) -> Path:
        """The Parquet file of a load's rows of a dataset, on this machine.

        Raises:
            FileNotFoundError: the lake has it no longer.
        """
        [path] = self.dataset_files(dataset, [dataclasses.replace(manifest, datasets=(dataset,))])
        return path

    def dataset_path(self, dataset: str, load_key: str, revision: int = 0, token: str = "") -> Path:
        """Where a load's rows of a dataset are, in a folder."""
        return self.root / _name(dataset, load_key, revision, token)

    def dataset_files(self, dataset: str, manifests: Iterable[Manifest]) -> list[Path]:
        """The Parquet files of a dataset that belong to these loads, in their order, on this machine.

        Raises:
            FileNotFoundError: the lake has one of them no longer.
        """
        names = [
            _name(dataset, one.load_key, one.revision, one.token)
            for one in manifests
            if dataset in one.datasets
        ]
        if self._mirror is not None:
            self._mirror.fetch(names)
        return [self.root / name for name in names]

    def names_of(self, manifest: Manifest) -> list[str]:
        """The names of a load's Parquet files."""
        return [
            _name(dataset, manifest.load_key, manifest.revision, manifest.token)
            for dataset in manifest.datasets
        ]

    def seen(self) -> set[str]:
        """Keys of the landing files, in the state in which they were read."""
        return {Path(entry.name).stem for entry in self.store.entries("seen")}

    def mark_seen(self, notes: Mapping[str, str]) -> None:
        """Remember that landing files need no look any more: a text for each state that was read."""
        self.store.write_many({f"seen/{key}.json": text.encode("utf-8") for key, text in notes.items()})

    @contextmanager
    def replacing(self) -> Iterator[None]:
        """Keep others who make loads again out, on this machine. In an object store `replace` sees them instead."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".replacing").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _change(self, load_key: str, decide: Callable[[Manifest | None], Manifest]) -> Manifest:
        """Change a manifest so that nobody else's change of it gets lost; what it is now."""
        counts: list[Manifest] = []

        def to_bytes(content: bytes | None) -> bytes:
            known = None if content is None else Manifest.from_json(content.decode("utf-8"))
            counts.append(decide(known))
            return counts[-1].to_json().encode("utf-8")

        change(self.store, _manifest_name(load_key), to_bytes)
        return counts[-1]

    def _delete(self, names: Iterable[str]) -> None:
        every = list(names)
        self.store.delete(every)
        for name in every:
            (self.root / name).unlink(missing_ok=True)


def _attempt(manifest: Manifest) -> tuple[int, str]:
    return manifest.revision, manifest.token


def _manifest_name(load_key: str) -> str:
    return f"{MANIFESTS}/{load_key}.json"


def _name(dataset: str, load_key: str, revision: int, token: str) -> str:
    """The engines take the key of a load from the name of the file."""
    parts = [dataset, f"r{revision}" if revision else "", token, f"{load_key}.parquet"]
    return "/".join(filter(None, parts))
