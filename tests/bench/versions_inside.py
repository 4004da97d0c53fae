"""A large import, begun and looked at from inside the installation."""

from __future__ import annotations

import time
from io import BytesIO

from kezhou import files, records
from kezhou.access.actor import System
from kezhou.access.actors import actor_for
from kezhou.access.roles import administrators
from kezhou.exchange import imports
from kezhou.jobs.models import Job
from tenants.context import tenant
from tenants.directory import find_by_slug
from tests.bench.versions import SLUG, TYPE


def main(what: str, number: str) -> dict[str, object]:
    """`start` an import of so many customers, or `look` at its job."""
    place = find_by_slug(SLUG)
    assert place is not None
    with tenant(place):
        return _start(int(number)) if what == "start" else _look(int(number))


def _start(rows: int) -> dict[str, object]:
    actor = actor_for(administrators()[0])
    assert actor is not None
    salt = int(time.time())
    text = "客户名称\n" + "".join(f"版本{salt}第{number}家商旅\n" for number in range(rows))
    file = files.store(actor, f"{salt}.csv", BytesIO(text.encode()), purpose="import")
    batch = imports.begin(actor, file, type_key=TYPE)
    return {"job": imports.run(actor, batch).pk}


def _look(pk: int) -> dict[str, object]:
    job = Job.objects.get(pk=pk)
    salt = job.title.rpartition(" ")[2].removesuffix(".csv")
    names = records.query(System("a bench counts"), TYPE).filter(name__startswith=f"版本{salt}第")
    rows = names.count()
    return {
        "state": job.state, "rows": rows, "attempts": job.attempts,
        "twins": rows - names.values("name").distinct().count(),
    }  # fmt: skip
