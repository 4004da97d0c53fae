"""A generated corpus: the same records in every run, and the first n of a larger corpus are those of a smaller one.

Records come in threes: a company, a contact of it and an opportunity with it, so that names of linked records are true.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.judged import vocabulary as v

CUSTOMER, CONTACT, OPPORTUNITY = "customers.customer", "customers.contact", "sales.opportunity"
KINDS = (CUSTOMER, CONTACT, OPPORTUNITY)
OWNERS = 2_000
DEPARTMENTS = 111
SEED = 20261128


@dataclass(frozen=True, slots=True)
class Company:
    """The parts of a company's name, kept so that queries can be made of them."""

    city: str
    core: str
    trade: str
    short: str
    form: str
    brand: str

    @property
    def name(self) -> str:
        """The registered name."""
        return f"{self.city}{self.core}{self.trade}{self.form}"


@dataclass(frozen=True, slots=True)
class Made:
    """One record: its texts by what they are, and the facts it may be found by.

    `codes` are number, telephone and e-mail; `attachment` is the text of a file; `changed` counts days before today.
    """

    pk: int
    kind: str
    title: str
    company: Company
    person: str
    related: str
    note: str
    codes: tuple[str, ...]
    attachment: str
    owner: int
    department: int
    changed: int

    @property
    def uid(self) -> str:
        """Kind and primary key."""
        return f"{self.kind}:{self.pk}"


def records(count: int) -> Iterator[Made]:
    """The first `count` records."""
    for number in range((count + 2) // 3):
        for made in _three(number):
            if made.pk <= count:
                yield made


@cache
def _cores() -> str:
    return "".join(dict.fromkeys(v.CORE))


def _three(number: int) -> tuple[Made, Made, Made]:
    chance = random.Random(SEED + number)  # a seed of its own: any three can be made without those before
    company = _company(chance)
    person = chance.choice(v.SURNAMES) + "".join(chance.choice(v.GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))
    base = number * 3
    title = f"{company.name}{chance.randint(2019, 2027)}年{chance.choice(v.EVENTS)}"
    brand = f" {company.brand}" if company.brand else ""
    return (
        _made(chance, base + 1, CUSTOMER, company.name + brand, company, person, ""),
        _made(chance, base + 2, CONTACT, person, company, person, company.name),
        _made(chance, base + 3, OPPORTUNITY, title, company, person, f"{company.name} {person}"),
    )


def _company(chance: random.Random) -> Company:
    core = "".join(chance.choice(_cores()) for _ in range(chance.choice((2, 3, 3, 3))))
    trade, short = chance.choice(v.TRADES)
    brand = ""
    if chance.random() < 0.05:
        brand = chance.choice(v.BRANDS) + "".join(chance.choice("aeioulmnrst") for _ in range(3))
    return Company(chance.choice(v.CITIES), core, trade, short, chance.choice(v.FORMS), brand)


def _made(chance: random.Random, pk: int, kind: str, title: str, company: Company, person: str, related: str) -> Made:
    return Made(
        pk, kind, title, company, person, related, _note(chance, pk), _codes(chance, pk, kind), _attachment(chance, pk),
        chance.randint(1, OWNERS), chance.randint(1, DEPARTMENTS), chance.randint(0, 1500),
    )  # fmt: skip


def _sentence(chance: random.Random) -> str:
    return chance.choice(v.SENTENCES).format(
        person=chance.choice(v.SURNAMES) + chance.choice(("总", "经理", "主任", "女士", "先生")),
        city=chance.choice(v.CITIES),
        month=f"{chance.randint(1, 12)}月",
        money=chance.randint(100, 99999),
        digits=chance.randint(10**9, 10**10 - 1),
        count=chance.randint(20, 80),
    )


def _note(chance: random.Random, pk: int) -> str:
    """One to three sentences; every hundredth record has a long one with something of its own in the middle."""
    if pk % 100 != 7:
        return " ".join(_sentence(chance) for _ in range(chance.choice((1, 1, 2, 3))))
    sentences = [_sentence(chance) for _ in range(30)]
    sentences[17] = (
        f"另外特别约定{chance.choice(v.SUBJECTS)}和{chance.choice(v.OBJECTS)}，编号{pk}，务必提前{chance.randint(2, 30)}天确认。"
    )
    return " ".join(sentences)


def _attachment(chance: random.Random, pk: int) -> str:
    """Every fiftieth record has a file: a contract of some length with a clause and a file number of its own."""
    if pk % 50 != 11:
        return ""
    clauses = [f"第{n}条 {chance.choice(v.TERMS)}，{_sentence(chance)}" for n in range(1, 16)]
    clauses[9] = (
        f"第10条 附加约定：{chance.choice(v.OBJECTS)}由乙方承担，{chance.choice(v.SUBJECTS)}另行结算，档案号 HT{pk:07d}。"
    )
    return "\n".join(clauses)


def _codes(chance: random.Random, pk: int, kind: str) -> tuple[str, ...]:
    mobile = f"1{chance.choice('3578')}{chance.randint(10**8, 10**9 - 1)}"
    number = f"{ {CUSTOMER: 'KH', CONTACT: 'LX', OPPORTUNITY: 'JH'}[kind] }-{chance.randint(2019, 2026)}-{pk:07d}"
    name = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(7))
    return (number, mobile, f"{name}{pk % 97}@{chance.choice(('qq.com', '163.com', 'kezhou.test'))}")
