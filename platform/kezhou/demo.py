"""The demo company 锦城商旅: made at the first start of one machine, kept fresh, gone at one click.

Its rows come from the plugins' `samples` hook and go through `records.save` like anybody's. Sign-ins are made per installation
and kept in `demo.json` in the installation's folder, with a note when the company was removed, so that it stays away.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from kezhou import records, switching
from kezhou.access.actor import Actor, System
from kezhou.access.records import DEPARTMENT, MEMBER
from kezhou.access.staff import enrol
from kezhou.plugins import hooks, manifests
from kezhou.records.model import SYSTEM_COLUMNS
from kezhou.records.spec import FieldSpec, TypeSpec
from kezhou.sdk.hooks import Occasion, Reference, Samples
from tenants import provisioning
from tenants.context import current, tenant
from tenants.directory import address_of, find_by_slug
from tenants.provisioning import NewAdministrator, NewTenant

SLUG = "demo"
NAME = "锦城商旅"
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One sign-in of the demo company, for the end of `make run`."""

    title: str
    address: str
    login: str
    password: str


Entrance = Callable[[Actor], Login | None]
_entrances: list[Entrance] = []


def also_login(entrance: Entrance) -> None:
    """Name a part that makes a sign-in of its own in the demo company, when its records are there."""
    _entrances.append(entrance)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the demo company."""

    name: str
    username: str
    role: str
    department: str
    title: str
    position: str


PEOPLE = (
    Person("周敏", "admin", "admin", "总经办", "管理员", "总经理"),
    Person("王浩然", "manager", "manager", "销售中心", "主管", "部门经理"),
    Person("陈嘉禾", "sales", "sales", "成都销售部", "销售", "业务主管"),
    Person("李思源", "service", "service", "客服部", "客服", "办公文员"),
)
HEADS = (("总经办", "admin"), ("销售中心", "manager"), ("客服部", "service"))
DEPARTMENTS = (("总经办", ""), ("销售中心", ""), ("成都销售部", "销售中心"), ("重庆销售部", "销售中心"), ("客服部", ""))


@dataclass(frozen=True, slots=True)
class Note:
    """What `demo.json` keeps."""

    logins: tuple[Login, ...] = ()
    fresh_on: str = ""
    removed: bool = False


class DemoProblem(Exception):
    """The demo company cannot be removed; `str()` is the sentence to show."""


def ensure(say: Callable[[str], None] = lambda sentence: None) -> tuple[Login, ...] | None:
    """Make the demo company when it is missing, bring its dates up to today when it is there.

    Returns the sign-ins to show; None when it was removed on purpose.
    """
    note = _read()
    if note.removed:
        return None
    today = timezone.localdate()
    place = find_by_slug(SLUG)
    if place is not None and note.logins:
        with tenant(place):
            _freshen(date.fromisoformat(note.fresh_on), today)
        _write(replace(note, fresh_on=today.isoformat()))
        return note.logins
    if place is not None:
        provisioning.remove(place)
    say("Making the demo company ...")
    logins = _make(today)
    _write(Note(logins=logins, fresh_on=today.isoformat()))
    return logins


def remove(actor: Actor) -> None:
    """Delete the demo company with everything in it, for good. Called inside it.

    Raises:
        DemoProblem: the entered company is not the demo company, or the actor is no administrator.
    """
    place = current()
    if not place.is_demo or place.slug != SLUG:
        raise DemoProblem("这不是演示公司，不能这样删除。")
    if not actor.is_admin:
        raise DemoProblem("只有管理员能删除演示公司。")
    _write(Note(removed=True))
    provisioning.remove(place)


# -- making ------------------------------------------------------------------------------------------------------------


def _make(today: date) -> tuple[Login, ...]:
    passwords = {person.username: f"{secrets.token_hex(3)}-{secrets.randbelow(9000) + 1000}" for person in PEOPLE}
    first = PEOPLE[0]
    place = provisioning.provision(
        NewTenant(
            slug=SLUG,
            name=NAME,
            industry="旅游",
            size="medium",
            region="四川",
            is_demo=True,
            administrator=NewAdministrator(
                name=first.name, username=first.username, password_hash=make_password(passwords[first.username])
            ),
        )
    )
    try:
        with tenant(place):
            _fill(passwords, today)
            others = [login for make in _entrances if (login := make(System("the demo company"))) is not None]
    except BaseException:
        provisioning.remove(place)
        raise
    members = tuple(
        Login(title=person.title, address=address_of(place), login=person.username, password=passwords[person.username])
        for person in PEOPLE
    )
    return (*members, *others)


def _fill(passwords: Mapping[str, str], today: date) -> None:
    system = System("the demo company")
    switching.switch_on(
        system, tuple(name for name in ("customers", "sales", "meetings", "portal") if name in manifests())
    )
    people = _people(system, passwords)
    seed_samples(system, Occasion(today=today, members=[people["sales"], people["sales"], people["manager"]]))


def _people(system: Actor, passwords: Mapping[str, str]) -> dict[str, int]:
    departments: dict[str, int] = {"": records.query(system, DEPARTMENT).get().pk}
    for name, parent in DEPARTMENTS:
        made = records.save(system, DEPARTMENT, [{"name": name, "parent": departments[parent]}], source="system")
        departments[name] = made.pk
    pks: dict[str, int] = {}
    for person in PEOPLE:
        row = {"name": person.name, "position": person.position, "department": departments[person.department]}
        if person.username == PEOPLE[0].username:
            found = records.query(system, MEMBER).get(name=person.name)
            records.save(system, MEMBER, [{"pk": found.pk, **row}], source="system")
            pks[person.username] = found.pk
            continue
        member = enrol(
            system,
            name=person.name,
            username=person.username,
            password=passwords[person.username],
            roles=(person.role,),
            department=departments[person.department],
        )
        records.save(system, MEMBER, [{"pk": member, **row}], source="system").demand()
        pks[person.username] = member
    heads = [{"pk": departments[name], "head": pks[username]} for name, username in HEADS]
    records.save(system, DEPARTMENT, heads, source="system").demand()
    return pks


def seed_samples(actor: Actor, occasion: Occasion) -> int:
    """Save the samples of every plugin that is on. Returns how many records came in."""
    known: dict[str, int] = {}
    count = 0
    for samples in hooks().flat("samples", occasion=occasion):
        for start in range(0, len(samples.rows), BATCH):
            count += _save(actor, samples, samples.rows[start : start + BATCH], known)
    return count


def _save(actor: Actor, samples: Samples, rows: Sequence[Mapping[str, Any]], known: dict[str, int]) -> int:
    changes = [
        {
            field: known[value.key] if isinstance(value, Reference) else value
            for field, value in row.items()
            if field != "key" and value not in (None, "")
        }
        for row in rows
    ]
    saved = records.save(actor, samples.type, changes, twins="allow", source="system").demand().saved
    known.update({row["key"]: one.pk for row, one in zip(rows, saved, strict=True) if "key" in row})
    return len(saved)


# -- staying fresh -----------------------------------------------------------------------------------------------------


def _freshen(since: date, today: date) -> None:
    """Move the dates of rows that nobody has touched by the days that have passed."""
    days = timedelta(days=(today - since).days)
    if not days:
        return
    system = System("keep the demo company's dates fresh")
    for spec in records.types(system).values():
        dates = [field.key for field in spec.fields if _moves(field)]
        if spec.plugin == "core" or not dates:
            continue
        rows = _untouched(system, spec).values("pk", *dates)
        changes = [
            {"pk": row["pk"], **{name: row[name] + days for name in dates if row[name] is not None}} for row in rows
        ]
        for start in range(0, len(changes), BATCH):
            part = changes[start : start + BATCH]
            records.save(system, spec.key, part, twins="allow", source="freshen", on_error="skip")


def _moves(field: FieldSpec) -> bool:
    """Whether it is a day or a moment of the sample: not a birthday, nothing computed, nothing that the engine itself notes."""
    kept = field.personal or field.custom or field.derived is not None or field.key in SYSTEM_COLUMNS
    return field.kind.dated and not kept


def _untouched(actor: Actor, spec: TypeSpec) -> Any:
    """Rows that nobody has changed; of lines those in untouched records, so that both move together."""
    rows = records.query(actor, spec).filter(changed_by__isnull=True)
    return (
        rows.filter(**{f"{spec.parent.link}__in": _untouched(actor, records.type_of(actor, spec.parent.type))})
        if spec.parent
        else rows
    )


# -- the note ----------------------------------------------------------------------------------------------------------


def _path() -> Path:
    return Path(settings.KEZHOU_HOME) / "demo.json"


def _read() -> Note:
    try:
        kept = json.loads(_path().read_text("utf-8"))
    except FileNotFoundError:
        return Note()
    return Note(tuple(Login(**login) for login in kept["logins"]), kept["fresh_on"], kept["removed"])


def _write(note: Note) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(note), ensure_ascii=False, indent=1), "utf-8")
    unfinished.replace(path)
