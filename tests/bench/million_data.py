"""The company of the million: customers with sixty own fields, built once by COPY and kept; three people who see different parts.

The number of rows is an argument, so that a quick look needs no million.
"""

from __future__ import annotations

import random
import secrets
from array import array
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from billing.plans import subscribe
from kezhou import records, switching
from kezhou.access.actor import System
from kezhou.access.actors import actor_for
from kezhou.access.models import Account
from kezhou.access.records import DEPARTMENT
from kezhou.access.staff import enrol
from kezhou.api import tokens
from kezhou.records import custom, indexing
from kezhou.records.fields.pinyin import sort_key
from kezhou.records.tasks import index_words
from plugins.customers.samples import CORES, FORMS, PLACES, TRADES
from tenants import provisioning
from tenants.context import tenant
from tenants.directory import find_by_slug
from tenants.provisioning import NewAdministrator, NewTenant
from tests.bench.data import PASSWORD, session_of

SLUG = "million"
TYPE = "customers.customer"
OWN, DEPARTMENT_ROWS = 200, 20_000
OPTIONS = 20
KINDS = ("text",) * 34 + ("number",) * 12 + ("date",) * 12


def main(rows: str) -> dict[str, Any]:
    """Make what is missing and say what there is."""
    system = System("benchmark data")
    place = find_by_slug(SLUG) or provisioning.provision(
        NewTenant(
            slug=SLUG,
            name="百万客户公司",
            administrator=NewAdministrator(name="管理员", username="admin", password_hash=make_password(PASSWORD)),
        )
    )
    subscribe(place.pk, "company")
    with tenant(place):
        if "customers" not in place.plugins:
            _furnish(system)
        keys = [field.key for field in records.fields_for(TYPE, system, "read") if field.custom]
        have = records.query(system, TYPE).count()
        if have < int(rows):
            _copy(system, keys, first=have, last=int(rows))
            index_words()
        people = {name: session_of(Account.objects.get(username=name)) for name in ("seller", "head", "admin")}
        option = records.type_of(system, TYPE).by_key[keys[0]].options[3].key
        admin = actor_for(records.query(system, "core.member").get(name="管理员").pk)
        assert admin is not None
        pks = list(records.query(system, TYPE).order_by("pk").values_list("pk", flat=True)[:5000])
        filled = next(key for key in keys[3:] if records.type_of(system, TYPE).by_key[key].type == "number")
        _mirror()
        facts = {
            "level": keys[0], "amount": keys[2], "option": option, "filled": filled, "pks": pks,
            "token": tokens.make(admin, name=f"bench {secrets.token_hex(3)}")[1],
        }  # fmt: skip
        return {"slug": SLUG, "rows": max(have, int(rows)), "people": people, **facts}


def _mirror() -> None:
    """The same rows as the baseline's table, in a schema of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('plain_million.plain_company')")
        if cursor.fetchone()[0] is not None:
            return
        cursor.execute("CREATE SCHEMA IF NOT EXISTS plain_million")
        cursor.execute(
            "CREATE TABLE plain_million.plain_company AS SELECT id, name, category, industry, phone, email, province, city, "
            "address, remark, owner_id::int AS owner, department_id::int AS department, created_at, custom "
            "FROM customers_customer ORDER BY id"
        )
        cursor.execute("ALTER TABLE plain_million.plain_company ADD PRIMARY KEY (id)")
        cursor.execute("VACUUM ANALYZE plain_million.plain_company")


def _furnish(system: System) -> None:
    switching.switch_on(system, ("customers",))
    root = records.query(system, DEPARTMENT).get().pk
    made = records.save(system, DEPARTMENT, [{"name": name, "parent": root} for name in ("小部门", "大部门")]).demand()
    for username, name, role, place in (
        ("seller", "销售", "sales", 0),
        ("head", "主管", "manager", 0),
        ("rest", "其他", "sales", 1),
    ):
        enrol(system, name=name, username=username, password=PASSWORD, roles=(role,), department=made.pks[place])
    levels = [{"label": f"等级 {n}"} for n in range(OPTIONS)]
    for number in range(2):
        custom.add_field(system, TYPE, label=f"单选{number}", kind="choice", options=levels, listed=number == 0)
    custom.add_field(system, TYPE, label="额度", kind="number", indexed=True, listed=True)
    for number, kind in enumerate(KINDS[:-1]):
        custom.add_field(system, TYPE, label=f"字段{number}", kind=kind)
    indexing.build_all()


def _copy(system: System, keys: list[str], *, first: int, last: int) -> None:
    spec = records.type_of(system, TYPE)
    people = dict(records.query(system, "core.member").values_list("name", "pk"))
    places = dict(records.query(system, DEPARTMENT).values_list("name", "pk"))
    options = [option.key for option in spec.by_key[keys[0]].options]
    kinds = {key: spec.by_key[key].type for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND table_name = %s AND is_nullable = 'NO' AND column_name <> 'id'",
            [spec.table],
        )
        rest = {"ARRAY": "{}", "jsonb": "{}", "integer": "0", "boolean": "f"}
        needed = {name: rest.get(kind, "") for name, kind in cursor.fetchall()}
        sample = next(_rows(kinds, options, people, places, first=first, last=first + 1))
        columns = [*sample, *(name for name in needed if name not in sample)]
        with transaction.atomic():
            made_again = _without_indexes(cursor, spec.table)
            with cursor.copy(f"COPY {spec.table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in _rows(kinds, options, people, places, first=first, last=last):
                    copy.write_row([row.get(name, needed.get(name)) for name in columns])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
            for statement in made_again:
                cursor.execute(statement)
        cursor.execute(f"VACUUM ANALYZE {spec.table}")


def _without_indexes(cursor: Any, table: str) -> list[str]:
    """Take away every index that guards nothing, for the time of the copy; the statements that make them again."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid = %s::regclass AND NOT i.indisunique",
        [table],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _rows(
    kinds: dict[str, str], options: list[str], people: dict[str, int], places: dict[str, int], *, first: int, last: int
) -> Iterator[dict[str, Any]]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    written = _Written(kinds, options)
    for number in range(first, last):
        draw = random.Random(number)
        province, city, area, _postcode = draw.choice(PLACES)
        trade, industry = draw.choice(TRADES)
        parts = (city, draw.choice(CORES), draw.choice(CORES), trade, draw.choice(FORMS), str(number))
        name = "".join(parts)
        moment = now - timedelta(seconds=number * 20)
        yield {
            "number": f"KH{number + 1:07}", "name": name,
            "title_sort": f"{' '.join(map(_syllables, parts))} {name}", "twin_keys": "{}",
            "category": draw.choice(("company", "vip", "ordinary")), "industry": industry,
            "phone": f"{area}-{draw.randrange(61000000, 88999999)}", "province": province, "city": city,
            "address": f"{city}天府大道 {number} 号", "created_at": moment, "changed_at": moment,
            "owner_id": people["销售" if number % 5000 == 0 and number < OWN * 5000 else "其他"],
            "department_id": places["小部门" if number % 50 == 0 and number < DEPARTMENT_ROWS * 50 else "大部门"],
            "travel_budget": draw.randrange(1, 2000) * 1000, "version": 1, "custom": written.custom(draw),
        }  # fmt: skip


@cache
def _syllables(part: str) -> str:
    """What the sort key of a title holds for this part of it."""
    key = sort_key(part) or ""
    return key.removesuffix(part.casefold()).strip()


class _Written:
    """The own fields of a row as JSON text, from one draw of random bytes: sixty values are too many to draw one by one."""

    def __init__(self, kinds: dict[str, str], options: list[str]) -> None:
        pools = {
            "number": [str(number) for number in range(1_000_000)],
            "date": [f'"{date(2020, 1, 1) + timedelta(days=days)}"' for days in range(2000)],
            "choice": [f'"{option}"' for option in options],
            "text": [f'"{place[1]}"' for place in PLACES],
        }
        self.pools = [pools[kind] for kind in kinds.values()]
        self.form = "{" + ", ".join(f'"{key}": %s' for key in kinds) + "}"

    def custom(self, draw: random.Random) -> str:
        """One object of all fields."""
        drawn = array("I", draw.randbytes(4 * len(self.pools)))
        return self.form % tuple(pool[number % len(pool)] for pool, number in zip(self.pools, drawn, strict=True))
