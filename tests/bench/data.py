"""The bench company: 100,000 companies with five own fields, built once by COPY and kept.

Run as a process of the installation (`tests.bench.inside`); answers what the load needs.
"""

import json
import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection

from billing.plans import subscribe
from kezhou import records, switching
from kezhou.access.actor import MemberActor, System
from kezhou.access.actors import SESSION_VERSION, actor_for
from kezhou.access.models import Account
from kezhou.access.records import DEPARTMENT
from kezhou.access.staff import enrol
from kezhou.api import tokens
from kezhou.records import custom
from kezhou.records.fields.pinyin import sort_key
from kezhou.records.spec import FieldSpec
from kezhou.records.twins import twin_keys
from plugins.customers.samples import CORES, FORMS, PLACES, TRADES
from tenants import provisioning
from tenants.context import Current, tenant
from tenants.directory import find_by_slug
from tenants.provisioning import NewAdministrator, NewTenant

SLUG = "bench"
TYPE = "customers.customer"
PASSWORD = "bench-horse-7"
DEPARTMENTS = 5
OPTIONS = 20
STAFF = 40


def build(rows: int) -> dict[str, object]:
    """Make what is missing and say what there is."""
    system = System("benchmark data")
    place = find_by_slug(SLUG) or provisioning.provision(
        NewTenant(
            slug=SLUG,
            name="性能测试公司",
            administrator=NewAdministrator(name="管理员", username="admin", password_hash=make_password(PASSWORD)),
        )
    )
    subscribe(place.pk, "company")
    with tenant(place):
        if "customers" not in place.plugins:
            _furnish(system)
        fields = {field.label: field for field in records.fields_for(TYPE, system, "read") if field.custom}
        departments = list(records.query(system, DEPARTMENT).order_by("pk").values_list("pk", flat=True))[1:]
        owners = list(records.query(system, "core.member").order_by("pk").values_list("pk", flat=True))[1:]
        have = records.query(system, TYPE).count()
        if have < rows:
            _copy(system, fields, departments, owners, first=have, last=rows)
        return {
            "slug": SLUG,
            "rows": max(have, rows),
            "keys": {str(label): field.key for label, field in fields.items()},
            "options": [option.key for option in fields["品牌等级"].options],
            "departments": departments,
            "token": _token(),
            "session": session_of(Account.objects.get(username="staff0")),
            "own": list(records.query(_worker(), TYPE).order_by("pk").values_list("pk", flat=True)[:5000]),
            "pks": list(records.query(system, TYPE).order_by("pk").values_list("pk", flat=True)[:5000]),
        }


def _token() -> str:
    """A fresh API token of a member with department scope (one of five departments)."""
    return tokens.make(_worker(), name=f"bench {secrets.token_hex(3)}")[1]


def _worker() -> MemberActor:
    pk = records.query(System("benchmark data"), "core.member").get(name="员工0").pk
    actor = actor_for(pk)
    assert actor is not None
    return actor


def session_of(account: Account) -> str:
    """A running session of this account, as its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[SESSION_VERSION] = account.session_version
    session.save()
    return str(session.session_key)


def _furnish(system: System) -> None:
    switching.switch_on(system, ("customers", "sales"))
    root = records.query(system, DEPARTMENT).get().pk
    made = records.save(system, DEPARTMENT, [{"name": f"部门{n}", "parent": root} for n in range(DEPARTMENTS)]).demand()
    for number in range(STAFF):
        enrol(
            system, name=f"员工{number}", username=f"staff{number}", password=PASSWORD,
            roles=("manager",), department=made.pks[number % DEPARTMENTS],
        )  # fmt: skip
    labels = [{"label": f"品牌 {n}"} for n in range(OPTIONS)]
    custom.add_field(system, TYPE, label="品牌等级", kind="choice", options=labels, listed=True)
    custom.add_field(system, TYPE, label="签约额度", kind="number", indexed=True, listed=True)
    custom.add_field(system, TYPE, label="签约日期", kind="date")
    custom.add_field(system, TYPE, label="合同号", kind="text", searchable=True)
    custom.add_field(system, TYPE, label="服务备注", kind="text")


def _copy(
    system: System, fields: dict[object, FieldSpec], departments: list[int], owners: list[int], *, first: int, last: int
) -> None:
    spec = records.type_of(system, TYPE)
    standard = {field.key: field for field in records.fields_for(TYPE, system, "write")}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND table_name = %s AND is_nullable = 'NO' AND column_name <> 'id'",
            [spec.table],
        )
        needed = dict(cursor.fetchall())
        filled = ["number", "name", "title_sort", "twin_keys", "category", "industry", "phone", "email", "province", "city",
                  "address", "remark", "owner_id", "department_id", "created_at", "changed_at", "registered_on",
                  "travel_budget", "custom", "version"]  # fmt: skip
        rest = {"ARRAY": "{}", "jsonb": "{}", "integer": "0", "boolean": "f"}
        others = {name: rest.get(kind, "") for name, kind in needed.items() if name not in filled}
        columns = [*filled, *others]
        with cursor.copy(f"COPY {spec.table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in _rows(fields, departments, owners, first=first, last=last):
                keys = twin_keys(spec, standard, {"name": row["name"]})
                values = {**row, "title_sort": sort_key(str(row["name"])), "twin_keys": keys, **others}
                copy.write_row([values[name] for name in columns])
        cursor.execute(f"ANALYZE {spec.table}")


@dataclass(frozen=True)
class Named:
    """A made-up company: where it is, what it does, and what it is called."""

    province: str
    city: str
    area: str
    industry: str
    core: str
    company: str


def named(draw: random.Random) -> Named:
    """The next company of a series."""
    province, city, area, _postcode = draw.choice(PLACES)
    trade, industry = draw.choice(TRADES)
    core = f"{draw.choice(CORES)}{draw.choice(CORES)}"
    return Named(province, city, area, industry, core, f"{city}{core}{trade}{draw.choice(FORMS)}")


def _rows(
    fields: dict[object, FieldSpec], departments: list[int], owners: list[int], *, first: int, last: int
) -> Iterator[dict[str, object]]:
    options = [option.key for option in fields["品牌等级"].options]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(first, last):
        draw = random.Random(number)
        made = named(draw)
        province, city, area, industry = made.province, made.city, made.area, made.industry
        moment = now - timedelta(minutes=number * 3)
        place = draw.randrange(len(departments))
        own = {
            fields["品牌等级"].key: draw.choice(options),
            fields["签约额度"].key: draw.randrange(1, 1_000_000),
            fields["签约日期"].key: (date(2020, 1, 1) + timedelta(days=draw.randrange(2000))).isoformat(),
            fields["合同号"].key: f"HT-{number:07}",
            fields["服务备注"].key: f"{city}酒店协议价，每月出差约 {draw.randrange(5, 60)} 人次",
        }
        yield {
            "number": f"KH{number + 1:06}", "name": f"{made.company}{number}", "category": draw.choice(("company", "vip", "ordinary")),
            "industry": industry, "phone": f"{area}-{draw.randrange(61000000, 88999999)}", "email": f"c{number}@example.com",
            "province": province, "city": city, "address": f"{city}天府大道 {number} 号", "remark": "差旅客户，偏好早班机",
            "owner_id": owners[(number * len(departments) + place) % len(owners)], "department_id": departments[place],
            "created_at": moment, "changed_at": moment, "registered_on": moment.date(),
            "travel_budget": draw.randrange(1, 2000) * 1000, "custom": json.dumps(own, ensure_ascii=False), "version": 1,
        }  # fmt: skip


def mirror(place: Current) -> None:
    """The same rows as the plain table, in a schema of its own."""
    with tenant(place), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS plain")
        cursor.execute("SELECT to_regclass('plain.plain_company')")
        if cursor.fetchone()[0] is None:
            cursor.execute(
                "CREATE TABLE plain.plain_company AS SELECT id, name, category, industry, phone, email, province, city, "
                "address, remark, owner_id::int AS owner, department_id::int AS department, created_at, custom "
                "FROM customers_customer"
            )
            cursor.execute("ALTER TABLE plain.plain_company ADD PRIMARY KEY (id)")
            cursor.execute("ALTER TABLE plain.plain_company ALTER id ADD GENERATED BY DEFAULT AS IDENTITY")
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('plain.plain_company', 'id'), (SELECT max(id) FROM plain.plain_company))"
            )
            cursor.execute("ANALYZE plain.plain_company")


def main(rows: str) -> dict[str, object]:
    """Build both, the company and its plain mirror."""
    facts = build(int(rows))
    found = find_by_slug(SLUG)
    assert found is not None
    mirror(found)
    return facts
