"""Queries with their right answers, at least 300 over all kinds of asking.

A query is made from the facts of a record among the first 20,000, so that the same queries serve every size; which other
records answer it as well is found by the facts of all records, never by searching.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from tests.judged import vocabulary as v
from tests.judged.corpus import CONTACT, CUSTOMER, OPPORTUNITY, Made, records

SAMPLED_FROM = 20_000
EACH = 18
SEED = 7
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
"""Common characters, as an input method would offer them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One query: the kind of asking, the text, and the uids of every record that answers it."""

    kind: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A query before its answers are known: records of `of` with the same `fact` answer it."""

    kind: str
    text: str
    of: str
    fact: tuple[str, ...]


Make = Callable[[Made, random.Random], _Draft]
_Facts = Callable[[Made], Iterator[tuple[str, ...]]]


def facts(made: Made) -> Iterator[tuple[str, ...]]:
    """Everything by which a record can be meant; equal facts answer the same query."""
    company = made.company
    yield ("name", company.name)
    yield ("core", company.core)
    yield ("city core", company.city, company.core)
    yield ("core trade", company.core, company.trade)
    yield ("city core trade", company.city, company.core, company.trade)
    yield ("person", made.person)
    yield ("person core", made.person, company.core)
    yield ("tail", made.codes[1][-4:])
    yield ("eight", made.codes[1][-8:])
    yield ("number", made.codes[0])
    yield ("email", made.codes[2])
    yield ("tail city core", made.codes[1][-4:], company.city, company.core)
    yield ("event city core", event_of(made), company.city, company.core)
    if made.attachment:
        yield ("file", made.person if made.kind == CONTACT else company.core, _clause(made)[0])
    if company.brand:
        yield ("brand", company.brand)
    yield ("pk", str(made.pk))


def event_of(made: Made) -> str:
    """What an opportunity is about; empty for other kinds."""
    return next((event for event in v.EVENTS if made.title.endswith(event)), "") if made.kind == OPPORTUNITY else ""


@cache
def judgements(count: int) -> tuple[Judged, ...]:
    """The judged queries for the first `count` records (20,000 at least)."""
    drafts = list(_drafts())
    wanted = {(draft.of, draft.fact) for draft in drafts}
    answers: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for made in records(count):
        for fact in facts(made):
            if (made.kind, fact) in wanted:
                answers[(made.kind, fact)].add(made.uid)
    return tuple(Judged(d.kind, d.text, frozenset(answers[(d.of, d.fact)])) for d in drafts)


def _drafts() -> Iterator[_Draft]:
    pool: dict[str, list[Made]] = defaultdict(list)
    for made in records(SAMPLED_FROM):
        pool[made.kind].append(made)
        if made.attachment:
            pool["attachment"].append(made)
        if made.pk % 100 == 7:
            pool["long"].append(made)
        if made.company.brand and made.kind == CUSTOMER:
            pool["brand"].append(made)
        if made.kind == CUSTOMER and len(made.company.core) == 3:
            pool["three"].append(made)
    for name, (source, make) in MAKERS.items():
        chance = random.Random(f"{SEED} {name}")
        for made in chance.sample(pool[source], EACH):
            yield make(made, chance)


def _spelled(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    return list(lazy_pinyin(text, style=Style.NORMAL))


def _traditional(text: str) -> str:
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text))


def _mistyped(letters: str, chance: random.Random) -> str:
    """One small slip in the middle: two letters exchanged, one doubled, or one left out."""
    at = chance.randint(1, len(letters) - 3)
    kind = chance.choice(("exchange", "double", "miss"))
    if kind == "exchange" and letters[at] != letters[at + 1]:
        return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
    return letters[: at + 1] + letters[at:] if kind == "double" else letters[:at] + letters[at + 1 :]


def _misheard(core: str, chance: random.Random) -> str:
    """One character exchanged for another that sounds the same, as an input method offers it."""
    places = [place for place, character in enumerate(core) if _sounding().get(_spelled(character)[0], "") != character]
    if not places:
        return core
    place = chance.choice(places)
    others = [c for c in _sounding()[_spelled(core[place])[0]] if c != core[place]]
    return core[:place] + chance.choice(others) + core[place + 1 :]


@cache
def _sounding() -> dict[str, str]:
    """Characters of names and common ones by their sound."""
    found: dict[str, str] = defaultdict(str)
    for character in dict.fromkeys(v.CORE + v.GIVEN + v.SURNAMES + COMMON):
        found[_spelled(character)[0]] += character
    return found


def _of_company(kind: str, text: Callable[[Made], str], *fact: str) -> Make:
    """A company is meant, by these parts of its name."""

    def make(made: Made, chance: random.Random) -> _Draft:
        parts = [getattr(made.company, part) for part in fact]
        return _Draft(kind, text(made), CUSTOMER, (" ".join(fact), *parts))

    return make


def _exactly(
    kind: str, of: str, text: Callable[[Made, random.Random], str], fact: str, value: Callable[[Made], str]
) -> Make:
    """A record with this fact is meant."""

    def make(made: Made, chance: random.Random) -> _Draft:
        return _Draft(kind, text(made, chance), of, (fact, value(made)))

    return make


def _itself(kind: str, text: Callable[[Made, random.Random], str]) -> Make:
    """Exactly this record is meant."""

    def make(made: Made, chance: random.Random) -> _Draft:
        return _Draft(kind, text(made, chance), made.kind, ("pk", str(made.pk)))

    return make


def _clause(made: Made) -> tuple[str, str]:
    """The two special words of a record's contract."""
    line = next(line for line in made.attachment.splitlines() if line.startswith("第10条"))
    return next(w for w in v.OBJECTS if w in line), next(w for w in v.SUBJECTS if w in line)


def _promise(made: Made) -> tuple[str, str]:
    """The two special words of a long note."""
    sentence = next(s for s in made.note.split(" ") if s.startswith("另外特别约定"))
    return next(w for w in v.SUBJECTS if w in sentence), next(w for w in v.OBJECTS if w in sentence)


MAKERS: dict[str, tuple[str, Make]] = {
    "company, whole": (CUSTOMER, _of_company("company, whole", lambda m: m.company.name, "name")),
    "company, without its form": (
        CUSTOMER,
        _of_company("company, without its form", lambda m: f"{m.company.city}{m.company.core}{m.company.trade}", "city", "core", "trade"),
    ),
    "company, core and half its trade": (
        "three",
        _of_company("company, core and half its trade", lambda m: m.company.core + m.company.trade[:2], "core", "trade"),
    ),
    "company, core": ("three", _of_company("company, core", lambda m: m.company.core, "core")),
    "company, region and core": (
        CUSTOMER,
        _of_company("company, region and core", lambda m: m.company.city + m.company.core, "city", "core"),
    ),
    "company, abbreviation": (
        "three",
        _of_company("company, abbreviation", lambda m: m.company.core + m.company.short, "core", "trade"),
    ),
    "company, one character misheard": (
        "three",
        lambda m, c: _Draft(
            "company, one character misheard", m.company.city + _misheard(m.company.core, c) + m.company.trade, CUSTOMER,
            ("city core trade", m.company.city, m.company.core, m.company.trade),
        ),
    ),
    "company, gapped": (
        "three",
        _of_company("company, gapped", lambda m: f"{m.company.city} {m.company.trade} {m.company.core}", "city", "core", "trade"),
    ),
    "person": (CONTACT, _exactly("person", CONTACT, lambda m, c: m.person, "person", lambda m: m.person)),
    "person and company": (
        "three",
        lambda m, c: _Draft("person and company", f"{m.person} {m.company.core}", CONTACT, ("person core", m.person, m.company.core)),
    ),
    "company and person in one": (
        "three",
        lambda m, c: _Draft("company and person in one", f"{m.company.core}{m.person}", CONTACT, ("person core", m.person, m.company.core)),
    ),
    "telephone, last eight": (
        CONTACT,
        _exactly("telephone, last eight", CONTACT, lambda m, c: m.codes[1][-8:], "eight", lambda m: m.codes[1][-8:]),
    ),
    "telephone, with gaps": (
        CONTACT,
        _itself("telephone, with gaps", lambda m, c: f"{m.codes[1][:3]} {m.codes[1][3:7]} {m.codes[1][7:]}"),
    ),
    "telephone, last four and company": (
        CONTACT,
        lambda m, c: _Draft(
            "telephone, last four and company", f"{m.codes[1][-4:]} {m.company.city}{m.company.core}", CONTACT,
            ("tail city core", m.codes[1][-4:], m.company.city, m.company.core),
        ),
    ),
    "number": (OPPORTUNITY, _itself("number", lambda m, c: m.codes[0])),
    "number, bare": (OPPORTUNITY, _itself("number, bare", lambda m, c: m.codes[0].replace("-", "").lower())),
    "number, without its prefix": (OPPORTUNITY, _itself("number, without its prefix", lambda m, c: m.codes[0][3:])),
    "e-mail": (CONTACT, _itself("e-mail", lambda m, c: m.codes[2])),
    "pinyin": ("three", _of_company("pinyin", lambda m: "".join(_spelled(m.company.city + m.company.core)), "city", "core")),
    "pinyin, spaced": ("three", _of_company("pinyin, spaced", lambda m: " ".join(_spelled(m.company.city + m.company.core)), "city", "core")),
    "initials": (
        "three",
        _of_company("initials", lambda m: "".join(s[0] for s in _spelled(m.company.city + m.company.core + m.company.trade)), "city", "core", "trade"),
    ),
    "traditional": (CUSTOMER, _of_company("traditional", lambda m: _traditional(m.company.name), "name")),
    "mistyped brand": (
        "brand",
        _exactly("mistyped brand", CUSTOMER, lambda m, c: _mistyped(m.company.brand, c).lower(), "brand", lambda m: m.company.brand),
    ),
    "mistyped pinyin": (
        "three",
        lambda m, c: _Draft(
            "mistyped pinyin", _mistyped("".join(_spelled(m.company.city + m.company.core)), c), CUSTOMER,
            ("city core", m.company.city, m.company.core),
        ),
    ),
    "opportunity by company and event": (
        OPPORTUNITY,
        lambda m, c: _Draft(
            "opportunity by company and event", f"{m.company.city}{m.company.core} {event_of(m)}", OPPORTUNITY,
            ("event city core", event_of(m), m.company.city, m.company.core),
        ),
    ),
    "long note": ("long", _itself("long note", lambda m, c: f"{' '.join(_promise(m))} {m.pk}")),
    "attachment": ("attachment", _itself("attachment", lambda m, c: f"{' '.join(_clause(m))} HT{m.pk:07d}")),
    "attachment by company": (
        "attachment",
        lambda m, c: _Draft(
            "attachment by company", f"{m.person if m.kind == CONTACT else m.company.core} {_clause(m)[0]}", m.kind,
            ("file", m.person if m.kind == CONTACT else m.company.core, _clause(m)[0]),
        ),
    ),
}  # fmt: skip
"""Each kind of asking: from which records it is made, and how."""


def score(found: Iterable[str], relevant: frozenset[str], *, first: int = 10) -> tuple[float, float]:
    """Recall among the first ten (of as many as can stand there) and the reciprocal rank of the first right answer."""
    top = list(found)[:first]
    right = [place for place, uid in enumerate(top, 1) if uid in relevant]
    return len(right) / min(first, len(relevant)), 1 / right[0] if right else 0.0
