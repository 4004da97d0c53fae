"""The company of the million: customers with sixty own fields, built once by COPY and kept; three people who see different parts.

The number of rows is an argument, so that a quick look needs no million.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection

from billing.plans import subscribe
from kezhou import records, switching
from kezhou.access.actor import System
from kezhou.access.models import Account
from kezhou.access.records import DEPARTMENT
from kezhou.access.staff import enrol
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
        facts = {"level": keys[0], "amount": keys[2], "option": option}
        return {"slug": SLUG, "rows": max(have, int(rows)), "people": people, **facts}


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
        cursor.execute("DROP INDEX IF EXISTS cust_custom, cust_twins")
        rows = _rows(kinds, options, people, places, first=first, last=last)
        sample = next(_rows(kinds, options, people, places, first=first, last=first + 1))
        columns = [*sample, *(name for name in needed if name not in sample)]
        with cursor.copy(f"COPY {spec.table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row.get(name, needed.get(name)) for name in columns])
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            f"CREATE INDEX cust_custom ON {spec.table} USING gin (custom jsonb_path_ops) WITH (fastupdate = off)"
        )
        cursor.execute(f"CREATE INDEX cust_twins ON {spec.table} USING gin (twin_keys) WITH (fastupdate = off)")
        cursor.execute(f"VACUUM ANALYZE {spec.table}")


def _rows(
    kinds: dict[str, str], options: list[str], people: dict[str, int], places: dict[str, int], *, first: int, last: int
) -> Iterator[dict[str, Any]]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(first, last):
        draw = random.Random(number)
        province, city, area, _postcode = draw.choice(PLACES)
        trade, industry = draw.choice(TRADES)
        name = f"{city}{draw.choice(CORES)}{draw.choice(CORES)}{trade}{draw.choice(FORMS)}{number}"
        moment = now - timedelta(seconds=number * 20)
        yield {
            "number": f"KH{number + 1:07}", "name": name, "title_sort": sort_key(name), "twin_keys": "{}",
            "category": draw.choice(("company", "vip", "ordinary")), "industry": industry,
            "phone": f"{area}-{draw.randrange(61000000, 88999999)}", "province": province, "city": city,
            "address": f"{city}天府大道 {number} 号", "created_at": moment, "changed_at": moment,
            "owner_id": people["销售" if number % 5000 == 0 and number < OWN * 5000 else "其他"],
            "department_id": places["小部门" if number % 50 == 0 and number < DEPARTMENT_ROWS * 50 else "大部门"],
            "travel_budget": draw.randrange(1, 2000) * 1000, "version": 1,
            "custom": json.dumps({key: _value(kind, draw, options) for key, kind in kinds.items()}, ensure_ascii=False),
        }  # fmt: skip


def _value(kind: str, draw: random.Random, options: list[str]) -> Any:
    if kind == "number":
        return draw.randrange(1_000_000)
    if kind == "date":
        return (date(2020, 1, 1) + timedelta(days=draw.randrange(2000))).isoformat()
    return draw.choice(options) if kind == "choice" else draw.choice(PLACES)[1]
