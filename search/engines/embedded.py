"""The embedded engine: tantivy, one directory per tenant, schema version and build.

    <KEZHOU_SEARCH_DIR>/<tenant>/live.json        names the live directory and its generation (renamed into place)
    <KEZHOU_SEARCH_DIR>/<tenant>/v1-<build>/      a tantivy index
    <KEZHOU_SEARCH_DIR>/<tenant>/writer.lock      held while a batch is written

An index is a cache of PostgreSQL: deleting a directory costs a rebuild and nothing else. Each open index is a thread and
about 33 memory maps, so a process keeps at most 32; a writer is six threads, so it lives for one batch.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from search.analysis.slips import near
from search.engines.base import Document, EngineAway, Found, Order, Pulse, Tally
from search.engines.pointer import FileLock, Live, now, read_pointer, write_pointer
from search.engines.render import option, render
from search.query.tree import Everything, OneOf, Query
from search.schema import SCHEMA_VERSION, SHAPES, Field
from tenants.context import Current, current

MOST_OPEN = 32
HEAP = 16_000_000
LARGE_HEAP = 64_000_000
MOST_ALIKE = 5_000
_TOKENIZER = {"raw": "raw", "tokens": "whitespace", "positions": "whitespace"}


@cache
def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field, shape in SHAPES.items():
        if shape.shape in {"number", "moment"}:
            found = shape.sortable and shape.shape == "number"
            builder.add_integer_field(field.value, stored=shape.stored, indexed=found, fast=shape.sortable)
        elif shape.shape == "kept":
            builder.add_bytes_field(field.value, stored=True, indexed=False, fast=False)
        else:
            builder.add_text_field(
                field.value, stored=shape.stored, fast=shape.sortable,
                tokenizer_name=_TOKENIZER[shape.shape], index_option=option(field),
            )  # fmt: skip
    return builder.build()


def key_of(place: Current) -> str:
    """The folder of a tenant; the number tells a new tenant from a removed one of the same name."""
    return f"{place.schema}.{place.pk}"


@dataclass(slots=True)
class _Open:
    index: tantivy.Index
    live: Live
    stamp: tuple[int, int]


class EmbeddedReader:
    """One tenant's index as of one moment."""

    def __init__(self, searcher: tantivy.Searcher, written_at: str, facts: Mapping[str, str] | None = None) -> None:
        self._searcher = searcher
        self._written_at = written_at
        self._facts = facts or {}
        self._held: dict[tuple[Field, str], int] = {}

    @property
    def written_at(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self._written_at)

    @property
    def documents(self) -> int:
        return self._searcher.num_docs

    def _frequency(self, field: Field, token: str) -> int:
        """How many documents hold a token, deleted ones that still lie there included."""
        known = self._held.get((field, token))
        if known is None:
            known = self._held[field, token] = self._searcher.doc_freq(field.value, token)
        return known

    def holds(self, field: Field, token: str) -> bool:
        """See `search.engines.render.Dictionary`."""
        return self._frequency(field, token) > 0

    def near(self, field: Field, token: str, distance: int) -> tuple[str, ...]:
        """See `search.engines.render.Dictionary`: among the most frequent words of the same letter, a hundred times faster than the
        engine's automaton over its whole dictionary."""
        alike = self._searcher.terms_with_prefix(field.value, token[:1], limit=MOST_ALIKE)
        return tuple(near(token, (word for word, _count in alike), distance))

    def _rendered(self, query: Query) -> tantivy.Query:
        return render(query, _schema(), self)

    def prepare(self, asked: Iterable[tuple[Field, str]]) -> None:
        """Nothing to prepare: a share is a look into the open index."""

    def share(self, field: Field, token: str) -> float:
        return self._frequency(field, token) / self.documents if self.documents else 0.0

    def search(self, query: Query, *, limit: int, offset: int = 0, sort: Order = "score") -> Found:
        rendered = self._rendered(query)
        if sort in {"score", "none"}:
            result = self._searcher.search(rendered, limit, offset=offset)
        else:
            order = tantivy.Order.Desc if sort == "newest" else tantivy.Order.Asc
            result = self._searcher.search(
                rendered, limit, offset=offset, order_by_field=Field.CHANGED.value, order=order
            )
        uids = tuple(str(self._searcher.doc(address).get_first(Field.UID.value)) for _, address in result.hits)
        scores = tuple(score for score, _ in result.hits) if sort == "score" else ()
        return Found(uids, result.count or 0, scores)  # type: ignore[attr-defined]  # the stub forgets it

    def counts(self, query: Query, field: Field, *, limit: int = 50) -> dict[str, int]:
        return self.tallies(query, [Tally(field, limit)])[0]

    def tallies(self, query: Query, wanted: Sequence[Tally]) -> list[dict[str, int]]:
        asked = {str(place): _aggregation(one) for place, one in enumerate(wanted)}
        found: dict[str, Any] = self._searcher.aggregate(self._rendered(query), asked)
        return [_counted(one, found[str(place)]["buckets"]) for place, one in enumerate(wanted)]

    def signs(self, uids: Sequence[str]) -> dict[str, str]:
        if not uids:
            return {}
        result = self._searcher.search(self._rendered(OneOf(Field.UID, tuple(uids))), len(uids), count=False)
        found = (self._searcher.doc(address) for _, address in result.hits)
        return {str(d.get_first(Field.UID.value)): bytes(d.get_first(Field.SIGN.value) or b"").decode() for d in found}

    def remembered(self, key: str) -> str:
        return self._facts.get(key, "")

    def versions(self) -> Iterator[tuple[str, int, int]]:
        total = self._searcher.num_docs
        if not total:
            return
        result = self._searcher.search(self._rendered(Everything()), total, count=False)
        for _, address in result.hits:
            document = self._searcher.doc(address)
            version, papers = (int(document.get_first(f.value) or 0) for f in (Field.VERSION, Field.PAPERS))
            yield str(document.get_first(Field.UID.value)), version, papers


def _aggregation(wanted: Tally) -> dict[str, Any]:
    if not wanted.since:
        return {"terms": {"field": wanted.field.value, "size": wanted.limit}}
    ends = [*({"to": end} for end in wanted.since[1:]), {}]  # tantivy knows no ranges that overlap
    ranges = [{"key": str(start), "from": start, **end} for start, end in zip(wanted.since, ends, strict=True)]
    return {"range": {"field": wanted.field.value, "ranges": ranges}}


def _counted(wanted: Tally, buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = {_plain(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}
    if not wanted.since:
        return counts
    pieces = [counts.get(str(start), 0) for start in wanted.since]
    return {str(start): sum(pieces[place:]) for place, start in enumerate(wanted.since)}


def _plain(key: object) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)


class EmbeddedBatch:
    """Changes of one commit."""

    def __init__(self, writer: tantivy.IndexWriter) -> None:
        self._writer = writer

    def put(self, document: Document) -> None:
        self.drop(document.uid)
        self.add(document)

    def add(self, document: Document) -> None:
        """Adds a document that is known to be new, as in a rebuild."""
        fields: dict[str, Any] = {f.value: [tokens] for f, tokens in document.tokens.items() if tokens}
        fields |= {
            Field.UID.value: [document.uid],
            Field.KIND.value: [document.kind],
            Field.TERMS.value: list(document.terms),
            Field.CHANGED.value: [document.changed],
            Field.VERSION.value: [document.version],
            Field.SIGN.value: [document.sign.encode()],
            Field.PAPERS.value: [document.papers],
        }
        if document.category:
            fields[Field.CATEGORY.value] = [document.category]
        if document.owner is not None:
            fields[Field.OWNER.value] = [document.owner]
        if document.department is not None:
            fields[Field.DEPARTMENT.value] = [document.department]
        self._writer.add_document(tantivy.Document.from_dict(fields, _schema()))

    def drop(self, uid: str) -> None:
        self._writer.delete_documents_by_term(Field.UID.value, uid)


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

    def reachable(self) -> bool:
        return True

    def exists(self) -> bool:
        live = self._live()
        return live is not None and self._usable(live)

    def reader(self) -> EmbeddedReader:
        key = key_of(current())
        with self._lock:
            for _ in range(3):  # a rebuild may switch between reading the pointer and opening the directory
                with suppress(FileNotFoundError, ValueError):
                    opened = self._opened(key)
                    return EmbeddedReader(opened.index.searcher(), opened.live.written_at, opened.live.facts)
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
                held.live, held.stamp = live, stamp
            else:
                held = self._open[key] = _Open(self._open_index(self._home() / live.directory), live, stamp)
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
                    reader = EmbeddedReader(self._open_index(new).searcher(), now())
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
        index = tantivy.Index(_schema(), str(directory))
        index.config_reader("manual")
        index.reload()
        return index

    @contextmanager
    def _writer(self, directory: Path, heap: int) -> Iterator[EmbeddedBatch]:
        index = tantivy.Index(_schema(), str(directory))
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
