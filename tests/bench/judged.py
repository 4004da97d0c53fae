"""The engines alone over the judged corpus: relevance, latency by class, indexing, segmentation.

make bench ARGS="judged --rows 1000000"                      the embedded engine
make bench ARGS="judged --rows 100000 --engine elastic"      a running Elasticsearch (make elasticsearch)

No database: generated records go through analysis, index and query as the product's do. The index is built once and kept
in build/bench (or `KEZHOU_BENCH_HOME`). The baseline is the same index asked for words alone, as a plain full-text search would.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.analysis.segmenter import PlainSegmenter, RustSegmenter
from search.analysis.tokens import query_words, text_runs
from search.asking import Asking
from search.asking import asked as phases
from search.engines.base import Engine, Reader, Tally
from search.engines.embedded import EmbeddedEngine
from search.query.prior import prior
from search.query.tree import EVERYTHING, Constant, OneOf, Query, Term, best, every
from search.schema import TEXT_FIELDS, Field
from search.scope import Ask, Scope, Sight
from tenants.context import Current, tenant
from tests.bench.notes import note
from tests.bench.place import HOME
from tests.judged.corpus import KINDS, Made, records
from tests.judged.measuring import document, figures, fill, measure
from tests.judged.queries import Judged, judgements

FOLDER = HOME / "judged"
OWNERS = tuple(f"owner:{number}" for number in range(1, 51))
TIMES = 60


@dataclass(frozen=True, slots=True)
class Options:
    """How many records, and which engine."""

    rows: int
    engine: str


def main(rows: str, engine_name: str) -> None:
    """Every figure, as lines for people and as notes."""
    options = Options(int(rows), engine_name)
    with tenant(Current(pk=options.rows, slug="judged", name="Judged", schema=f"t_judged_{options.rows}")):
        engine = _engine(options.engine)
        segmentation()
        built(engine, options)
        reader = engine.reader()
        relevance(reader, judgements(options.rows), options)
        latency(reader, options)
        updates(engine, options)


def _engine(name: str) -> Engine:
    if name == "embedded":
        return EmbeddedEngine(FOLDER)
    from search.engines.elastic.engine import ElasticEngine
    from search.engines.elastic.server import Server

    return ElasticEngine(Server(os.environ["ELASTICSEARCH_URL"], prefix="bench-judged"), parts=1)


def say(name: str, value: float, unit: str, **facts: object) -> None:
    """One figure."""
    print(f"{name:52}{value:12,.3f} {unit}", flush=True)
    note(f"judged: {name}", value=value, unit=unit, **facts)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def segmentation() -> None:
    """rjieba against jieba on the same text in the same run."""
    texts = [text for made in records(4_000) for text in (made.title, made.note)]
    runs = [run.text for text in texts for run in text_runs(text) if run.script == "han"]
    plain, fast = PlainSegmenter(), RustSegmenter()
    ratios = [
        cpu(lambda: [plain.all_words(r) for r in runs]) / cpu(lambda: [fast.all_words(r) for r in runs])
        for _ in range(5)  # in turns, the middle counts: neighbours come and go
    ]
    say("segmentation, times as fast as jieba", sorted(ratios)[2], "x (goal 15)")


def built(engine: Engine, options: Options) -> None:
    """Build the index when it is not there, and say what that cost; then analysis alone."""
    if not engine.exists():
        seconds = cpu(lambda: fill(engine, options.rows))
        say("records indexed per CPU second", options.rows / seconds, "1/s (goal 2,000)", rows=options.rows)
    if options.engine == "embedded":
        size = sum(path.stat().st_size for path in FOLDER.glob(f"t_judged_{options.rows}.*/**/*") if path.is_file())
        say("index per record, files' texts included", size / options.rows / 1024, "KB", rows=options.rows)
        say("index per record without files", _without_files() / 1024, "KB (goal 0.7)")
    sample = list(records(3_000))
    for made in sample:
        document(made)  # the pinyin of words is remembered from here on
    say("analysis per record", cpu(lambda: [document(made) for made in sample]) / len(sample) * 1000, "ms CPU")


def _without_files() -> float:
    """Bytes per record of a small index of records without attachments."""
    folder = FOLDER / "without"
    engine = EmbeddedEngine(folder)
    with engine.rebuild(document(replace(made, attachment="")) for made in records(30_000)):
        pass
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 30_000


def relevance(reader: Reader, judged: Sequence[Judged], options: Options) -> None:
    """Recall@10 and MRR of all kinds of asking, beside words alone."""
    ours = measure(reader, judged)
    words = figures((query, words_only(reader, query.text)) for query in judged)
    print(f"\n{options.rows:,} records, {len(judged)} queries, {options.engine}\n")
    print(f"{'':40}{'recall@10':>10}{'MRR':>8}{'words alone':>14}{'MRR':>8}")
    for kind in ours.kinds:
        (recall, mrr), (base, base_mrr) = ours.kinds[kind], words.kinds[kind]
        print(f"{kind:40}{recall:10.3f}{mrr:8.3f}{base:14.3f}{base_mrr:8.3f}")
    print(f"{'all':40}{ours.recall:10.3f}{ours.mrr:8.3f}{words.recall:14.3f}{words.mrr:8.3f}\n", flush=True)
    note("judged: relevance", rows=options.rows, engine=options.engine, recall=ours.recall, mrr=ours.mrr,
         words_recall=words.recall, words_mrr=words.mrr, least=min(recall for recall, _ in ours.kinds.values()))  # fmt: skip


def words_only(reader: Reader, text: str) -> tuple[str, ...]:
    """The baseline: jieba's words of the folded text, all of which must occur, in title, names or body."""
    fields = (Field.TITLE_WORDS, Field.RELATED_WORDS, Field.BODY_WORDS, Field.FILE_WORDS)
    words = [w for run in text_runs(text) for w in (query_words(run.text) if run.script == "han" else [run.text])]
    if not words:
        return ()
    query = every(*(best([Term(field, word) for field in fields], tie=0.1) for word in words))
    return reader.search(query, limit=10).uids


def asked(reader: Reader, text: str, inside: Query) -> None:
    """What the product asks for one page of hits: phases, count, kinds and owners as facets."""
    scope = Scope(KINDS, inside, TEXT_FIELDS, EVERYTHING)
    asking = Asking(reader, Ask(text, Sight.of((scope,)), reader), prior(KINDS, reader.documents))
    counts = (Tally(Field.KIND), Tally(Field.OWNER, 30))
    asking, _found = phases(asking, KINDS, limit=20, beside=counts)
    reader.tallies(asking.words(KINDS), counts)


def latency(reader: Reader, options: Options) -> None:
    """p50 and p95 of classes of queries, with a filter of fifty owners, exact total and two facets."""
    inside = OneOf(Field.TERMS, OWNERS)
    for name, texts in classes(options.rows):
        spent = []
        for text in texts:
            started = time.perf_counter()
            asked(reader, text, Constant(inside, 0.0))
            spent.append((time.perf_counter() - started) * 1000)
        spent.sort()
        say(f"{name}, p50", spent[len(spent) // 2], "ms", rows=options.rows, engine=options.engine)
        say(f"{name}, p95", spent[int(len(spent) * 0.95)], "ms", rows=options.rows, engine=options.engine)


def classes(rows: int) -> Iterator[tuple[str, list[str]]]:
    """Texts by class; the frequent ones are in more than a tenth of the records."""
    chance = random.Random(5)
    some = chance.sample(list(records(min(rows, 20_000))), TIMES * 3)
    companies = [made for made in some if made.kind == KINDS[0]][:TIMES]
    yield "rare core (goal 20)", [made.company.core for made in companies]
    yield "whole name (goal 20)", [made.company.name for made in companies]
    yield "person (goal 20)", [made.person for made in companies]
    yield "number (goal 20)", [made.codes[0] for made in companies]
    yield "last four of a telephone (goal 20)", [made.codes[1][-4:] for made in companies]
    yield "pinyin (goal 20)", [_pinyin(made) for made in companies]
    yield (
        "two frequent words (goal 40)",
        [f"{a} {b}" for a in ("客户", "合同", "酒店") for b in ("发票", "报价", "会议")] * 7,
    )
    yield "a frequent word (goal 40)", ["客户", "合同", "酒店", "发票", "有限公司", "公司"] * 10


def _pinyin(made: Made) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(made.company.city + made.company.core, style=Style.NORMAL))


def updates(engine: Engine, options: Options) -> None:
    """From a changed record to its being found by another reader."""
    (made,) = records(1)
    other, spent = _engine(options.engine), []
    for _ in range(30):
        started = time.perf_counter()
        with engine.batch() as batch:
            batch.put(document(made))
        other.reader().search(Term(Field.UID, made.uid), limit=1)
        spent.append((time.perf_counter() - started) * 1000)
    spent.sort()
    say("change to visible, p50", spent[len(spent) // 2], "ms")
    say("change to visible, p95", spent[int(len(spent) * 0.95)], "ms (goal 1,000)")
