"""The embedded engine: tantivy, one directory per tenant, schema version and build.

    <KEZHOU_SEARCH_DIR>/<tenant>/live.json        names the live directory and its generation (renamed into place)
    <KEZHOU_SEARCH_DIR>/<tenant>/v1-<build>/      a tantivy index
    <KEZHOU_SEARCH_DIR>/<tenant>/writer.lock      held while a batch is written

An index is a cache of PostgreSQL: deleting a directory costs a rebuild and nothing else. Each open index is a thread and
about 33 memory maps, so a process keeps at most 32; a writer is six threads, so it lives for one batch.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import tantivy

from search.engines.base import Document, EngineAway, Pulse
from search.engines.embedded.lexicon import Lexicon
from search.engines.embedded.reader import EmbeddedReader
from search.engines.embedded.shape import schema
from search.engines.embedded.writing import EmbeddedBatch
from search.engines.pointer import FileLock, Live, now, read_pointer, write_pointer
from search.schema import SCHEMA_VERSION
from tenants.context import Current, current

MOST_OPEN = 32
HEAP = 16_000_000
LARGE_HEAP = 256_000_000


def key_of(place: Current) -> str:
    """The folder of a tenant; the number tells a new tenant from a removed one of the same name."""
    return f"{place.schema}.{place.pk}"


@dataclass(slots=True)
class _Open:
    index: tantivy.Index
    live: Live
    stamp: tuple[int, int]
    lexicon: Lexicon


class EmbeddedEngine:
    """See `search.engines.base.Engine`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def beat(self, pulse: Pulse) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        fresh = self._root / f"pulse.{os.getpid()}"
        fresh.write_text(json.dumps({"at": pulse.at, "lag": pulse.lag}), "utf-8")
        fresh.replace(self._root / "pulse.json")

    def pulse(self) -> Pulse | None:
        try:
            said = json.loads((self._root / "pulse.json").read_text("utf-8"))
            return Pulse(float(said["at"]), float(said["lag"]))
        except (OSError, ValueError, KeyError):
            return None

    def demand(self) -> None:
        """A folder is always there to be looked into; one that is damaged tells so when it is opened."""

    def exists(self) -> bool:
        live = self._live()
        return live is not None and self._usable(live)

    def reader(self) -> EmbeddedReader:
        key = key_of(current())
        with self._lock:
            for _ in range(3):  # a rebuild may switch between reading the pointer and opening the directory
                with suppress(FileNotFoundError, ValueError):
                    opened = self._opened(key)
                    return EmbeddedReader(opened.lexicon, opened.live.written_at, opened.live.facts)
                self._open.pop(key, None)
        raise EngineAway(f"There is no index for {key} yet.")

    def _opened(self, key: str) -> _Open:
        pointer = self._home() / "live.json"
        stat = pointer.stat()
        stamp = (stat.st_mtime_ns, stat.st_ino)
        held = self._open.get(key)
        if held is None or held.stamp != stamp:
            live = self._live()
            if live is None or not self._usable(live):
                raise FileNotFoundError(pointer)
            if held is not None and held.live.directory == live.directory:
                held.index.reload()
                held.live, held.stamp, held.lexicon = live, stamp, Lexicon(held.index.searcher())
            else:
                index = self._open_index(self._home() / live.directory)
                held = self._open[key] = _Open(index, live, stamp, Lexicon(index.searcher()))
        self._open.move_to_end(key)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return held

    @contextmanager
    def batch(self) -> Iterator[EmbeddedBatch]:
        with self._writing():
            live = self._live()
            if live is None or not self._usable(live):
                raise EngineAway(f"There is no index for {key_of(current())} yet: rebuild it first.")
            with self._writer(self._home() / live.directory, HEAP) as batch:
                yield batch
            write_pointer(self._home(), live.directory, live.generation + 1, live.facts)

    @contextmanager
    def rebuild(self, documents: Iterable[Document]) -> Iterator[tuple[EmbeddedReader, EmbeddedBatch]]:
        home = self._home()
        home.mkdir(parents=True, exist_ok=True)
        with self._building():
            before = self._live()
            number = before.generation + 1 if before else 1
            new = home / f"v{SCHEMA_VERSION}-{number}-{os.getpid()}"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            try:
                self._fill(new, documents)
                with self._writing():
                    reader = EmbeddedReader(Lexicon(self._open_index(new).searcher()), now())
                    with self._writer(new, HEAP) as batch:
                        yield reader, batch
                    write_pointer(home, new.name, number, {})
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            self._remove_others(home, new.name)

    def _fill(self, directory: Path, documents: Iterable[Document]) -> None:
        with self._writer(directory, LARGE_HEAP) as batch:
            for document in documents:
                batch.add(document)

    def remember(self, key: str, value: str) -> None:
        with self._writing():
            live = self._live()
            if live is not None:
                write_pointer(self._home(), live.directory, live.generation, {**live.facts, key: value})

    def remembered(self, key: str) -> str:
        live = self._live()
        return live.facts.get(key, "") if live else ""

    def sweep(self, keep: Iterable[Current]) -> tuple[str, ...]:
        kept = {key_of(place) for place in keep}
        if not self._root.is_dir():
            return ()
        gone = tuple(sorted(p.name for p in self._root.iterdir() if p.is_dir() and p.name not in kept))
        for name in gone:
            self._remove(name)
        return gone

    def remove(self, place: Current) -> None:
        self._remove(key_of(place))

    def _remove(self, name: str) -> None:
        with self._lock:
            self._open.pop(name, None)
        shutil.rmtree(self._root / name, ignore_errors=True)

    def _home(self) -> Path:
        return self._root / key_of(current())

    def _live(self) -> Live | None:
        return read_pointer(self._home())

    def _usable(self, live: Live) -> bool:
        return (
            live.directory.startswith(f"v{SCHEMA_VERSION}-") and (self._home() / live.directory / "meta.json").exists()
        )

    def _open_index(self, directory: Path) -> tantivy.Index:
        index = tantivy.Index(schema(), str(directory))
        index.config_reader("manual")
        index.reload()
        return index

    @contextmanager
    def _writer(self, directory: Path, heap: int) -> Iterator[EmbeddedBatch]:
        index = tantivy.Index(schema(), str(directory))
        writer = index.writer(heap, 1)
        try:
            yield EmbeddedBatch(writer)
        except BaseException:
            writer.rollback()
            raise
        writer.commit()
        writer.wait_merging_threads()

    def _writing(self) -> FileLock:
        return FileLock(self._home() / "writer.lock")

    def _building(self) -> FileLock:
        return FileLock(self._home() / "builder.lock")

    @staticmethod
    def _remove_others(home: Path, live: str) -> None:
        for directory in home.iterdir():
            if directory.is_dir() and directory.name != live:
                shutil.rmtree(directory, ignore_errors=True)
