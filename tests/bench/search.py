"""Figures of the search engine alone: `python -m tests.bench.search [RECORDS]`; a table, and JSON lines on request.

No database and no server: generated records go through analysis, index and query as the product's do. Trust ratios and CPU
seconds; milliseconds move with the neighbours. The targets are those of docs/search.md.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from search.analysis.fields import field_tokens
from search.analysis.highlight import marker
from search.analysis.segmenter import PlainSegmenter, RustSegmenter
from search.engines.base import Document
from search.engines.embedded import EmbeddedEngine
from search.query.tree import Constant, OneOf, Preferring, Query, Some, Weighted, every
from search.query.words import ENOUGH, Words, prior
from search.schema import Field
from tenants.context import Current, tenant

CITIES = ["成都", "重庆", "北京", "上海", "唐山", "厦门", "长沙", "西安", "贵阳", "昆明"]
TRADES = ["科技", "国际旅行社", "新材料", "酒店管理", "物流", "会展服务", "能源", "医疗器械", "食品", "广告"]
SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单曾")
SYLLABLES = list("川西岭南海天华泰锦云瑞丰安康宏远博雅晨曦汇通鼎盛金辉芝德浩功文敏嘉禾")
NOTES = [
    "电话联系{p}，客户希望下周签合同，报价改到{n}元，酒店换成{c}的。",
    "{p}来访，谈了明年差旅服务协议，希望航班改签更方便。",
    "寄出合同和发票，单号 SF{n}，请{p}查收。",
    "投诉：{c}的酒店早餐不好，已道歉并退款{n}元。",
]
KINDS = ["customers.customer", "sales.opportunity", "customers.contact"]


@dataclass(frozen=True)
class Made:
    """One generated record: the texts, and what it should be found by."""

    pk: int
    kind: str
    title: str
    related: str
    note: str
    codes: tuple[str, ...]
    owner: int


def records(count: int) -> Iterator[Made]:
    """The same records in every run: names rare enough to have a right answer, notes full of common words."""
    chance = random.Random(20260513)
    for pk in range(1, count + 1):
        core = "".join(chance.choice(SYLLABLES) for _ in range(3))
        company = chance.choice(CITIES) + core + chance.choice(TRADES) + "有限公司"
        person = chance.choice(SURNAMES) + "".join(chance.choice(SYLLABLES) for _ in range(2))
        kind = KINDS[pk % 3]
        note = " ".join(
            chance.choice(NOTES).format(p=person, n=chance.randint(100, 99999), c=chance.choice(CITIES))
            for _ in range(3)
        )
        title = {"customers.customer": company, "customers.contact": person}.get(
            kind, f"{company}{chance.choice(['年会', '差旅', '会议'])}"
        )
        codes = (f"KH-2026-{pk:06d}", f"1{chance.choice('3578')}{chance.randint(10**8, 10**9 - 1)}")
        yield Made(
            pk, kind, title, "" if kind == "customers.customer" else company, note, codes, chance.randint(1, 2000)
        )


def document(made: Made) -> Document:
    """The record as the indexer writes it."""
    related = [made.related] if made.related else []
    tokens = field_tokens(title=[made.title], related=related, body=[made.note], codes=made.codes)
    terms = (f"owner:{made.owner}",)
    return Document(f"{made.kind}:{made.pk}", made.kind, terms, made.owner, None, "", made.pk, 1, made.title, tokens)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def timed(work: Callable[[], object], *, times: int = 30) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    found.sort()
    return statistics.median(found), found[int(len(found) * 0.95)]


class Bench:
    """The measurements, one line each."""

    def __init__(self, count: int, folder: Path) -> None:
        self.made = list(records(count))
        self.engine = EmbeddedEngine(folder)
        self.folder = folder
        self.lines: list[tuple[str, float, str]] = []

    def note(self, name: str, value: float, unit: str) -> None:
        """One figure."""
        self.lines.append((name, value, unit))
        print(f"{name:<44} {value:>12,.3f} {unit}", flush=True)

    def segmentation(self) -> None:
        """rjieba against jieba on the same text in the same run."""
        runs = [made.title for made in self.made[:2000]] + [made.note.replace(" ", "") for made in self.made[:2000]]
        plain, fast = PlainSegmenter(), RustSegmenter()
        ratio = cpu(lambda: [plain.all_words(r) for r in runs]) / cpu(lambda: [fast.all_words(r) for r in runs])
        self.note("segmentation, times as fast as jieba", ratio, "x (target 15)")

    def indexing(self) -> None:
        """Analysis alone, then analysis and index together."""
        sample = self.made[:5000]
        for made in sample:
            document(made)  # the pinyin of words is remembered from here on
        self.note(
            "analysis per record",
            cpu(lambda: [document(m) for m in sample]) / len(sample) * 1000,
            "ms CPU (target 0.15)",
        )

        def build() -> None:
            with self.engine.rebuild(document(made) for made in self.made):
                pass

        self.note("records indexed per CPU second", len(self.made) / cpu(build), "1/s (target 2,000)")
        size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        self.note("index size per record", size / len(self.made) / 1024, "KB (target 0.7)")

    def query(self, text: str, *, owners: tuple[int, ...] = ()) -> tuple[str, ...]:
        """The ids of the first ten, as the product asks."""
        reader = self.engine.reader()
        words = Words(text, reader)
        inside: Query = OneOf(Field.KIND, tuple(KINDS))
        if owners:
            inside = every(inside, OneOf(Field.TERMS, tuple(f"owner:{o}" for o in owners)))
        strict = every(words.strict(), Constant(inside, 0.0))
        wished = (*words.wished(), *prior({kind: rank for rank, kind in enumerate(KINDS)}))
        found = reader.search(Preferring(strict, wished), limit=10)
        if found.total < ENOUGH and (lenient := words.forgiving()) is not None:
            both = Some((Weighted(strict, 1000.0), every(lenient, Constant(inside, 0.0))))
            found = reader.search(Preferring(both, wished), limit=10)
        return found.uids

    def latency(self) -> None:
        """Queries of each kind with an owner filter and the exact total."""
        owners = tuple(range(1, 51))
        chance = random.Random(7)
        some = chance.choice(self.made)
        for name, text in (
            ("two common words", "成都 酒店"), ("a word in most records", "合同"), ("full name", some.title),
            ("rare core", some.title[2:5]), ("order number", some.codes[0]), ("last four of a telephone", some.codes[1][-4:]),
            ("initials", "cxny"), ("pinyin begun", "chuanx"), ("ending of most names", "有限公司"),
        ):  # fmt: skip
            middle, worst = timed(lambda text=text: self.query(text, owners=owners))
            self.note(f"{name}, p50", middle, "ms")
            self.note(f"{name}, p95", worst, "ms")

    def relevance(self) -> None:
        """Recall among the first ten for names, parts, codes, telephones, other spellings."""
        from opencc import OpenCC
        from pypinyin import Style, lazy_pinyin

        traditional = OpenCC("s2t").convert
        chance = random.Random(11)
        hits: dict[str, list[bool]] = {}
        for made in chance.sample(self.made, min(200, len(self.made))):
            queries = {
                "whole title": made.title,
                "title in traditional": traditional(made.title),
                "title without its ending": made.title.replace("有限公司", ""),
                "order number": made.codes[0],
                "order number bare": made.codes[0].replace("-", "").lower(),
                "telephone with gaps": f"{made.codes[1][:3]} {made.codes[1][3:7]} {made.codes[1][7:]}",
                "last eight of a telephone": made.codes[1][-8:],
            }
            if made.kind == "customers.customer":
                queries["pinyin of the title"] = "".join(
                    lazy_pinyin(made.title.replace("有限公司", ""), style=Style.NORMAL)
                )
            for kind, text in queries.items():
                hits.setdefault(kind, []).append(f"{made.kind}:{made.pk}" in self.query(text))
        for kind, found in hits.items():
            self.note(f"recall@10, {kind}", sum(found) / len(found), f"of {len(found)}")

    def updates(self) -> None:
        """From a changed record to its being found by another reader."""
        other = EmbeddedEngine(self.folder)

        def change() -> None:
            with self.engine.batch() as batch:
                batch.put(document(self.made[0]))
            other.reader().share(Field.TITLE_WORDS, "成都")

        middle, worst = timed(change)
        self.note("change to visible, p50", middle, "ms")
        self.note("change to visible, p95", worst, "ms (target 1,000)")

    def marking(self) -> None:
        """Twenty hits with three texts each."""
        texts = [text for made in self.made[:20] for text in (made.title, made.note, made.related)]
        middle, _ = timed(lambda: [marker("成都 酒店").mark(text) for text in texts])
        self.note("marking 20 hits", middle, "ms (target 2)")


def main() -> None:
    """Runs everything in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="append JSON lines here")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kezhou-bench-"))
    try:
        with tenant(Current(pk=1, slug="bench", name="Bench", schema="t_bench")):
            bench = Bench(options.records, folder)
            for step in (
                bench.segmentation,
                bench.indexing,
                bench.latency,
                bench.relevance,
                bench.updates,
                bench.marking,
            ):
                step()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        with options.json.open("a", encoding="utf-8") as out:
            for name, value, unit in bench.lines:
                out.write(
                    json.dumps({"suite": "search", "name": name, "value": value, "unit": unit}, ensure_ascii=False)
                    + "\n"
                )


if __name__ == "__main__":
    main()
