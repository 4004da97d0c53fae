"""Derived values of many records, in the background: after a definition was made or changed, and where a change has many followers.

Batches of `BATCH` rows, each a transaction of its own that also notes how far the job has come; a killed job goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kezhou.access.actor import System
from kezhou.jobs.control import progress, start
from kezhou.jobs.models import Job
from kezhou.jobs.registry import job
from kezhou.records.catalogue import shaped
from kezhou.records.derived import spreading
from kezhou.records.derived.graph import Outside, graph_of
from kezhou.records.rows import run_one
from kezhou.records.saved import new_action
from kezhou.records.spec import TypeSpec
from kezhou.records.sql import TRUE, Sql, any_of

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

BATCH = 500
KIND = "records.derive"


def fill_soon(type_key: str, field_key: str) -> int:
    """Compute a derived field for all rows of its type after the commit; the job's key."""
    return _start({"type": type_key, "fields": {field_key: None}, "told": False})


def continue_later(
    wave: spreading.Wave, spec: TypeSpec, nodes: Sequence[Outside], causes: Mapping[str, Mapping[str, Sequence[int]]]
) -> None:
    """Leave the followers of a change to a job."""
    fields = {node.field.key: dict(causes[node.field.key]) for node in nodes}
    _start({"type": spec.key, "fields": fields, "told": True, "action": wave.action})


def _start(params: dict[str, Any]) -> int:
    row = start(System("derived values"), KIND, {**params, "after": 0})
    return row.pk


@job(KIND, resumable=True, title=_("重算字段"))
def derive(actor: Actor, job: Job, params: dict[str, Any]) -> dict[str, int]:
    """Batch by batch from where an earlier run stopped; answers how many rows were looked at and how many differed."""
    done = int(params.get("done", 0))
    total = done + _count(actor, params)
    changed = int(params.get("changed", 0))
    while True:
        seen, differing = _batch(actor, job, params, done, changed)
        if not seen:
            return {"records": done, "changed": changed}
        done, changed = done + seen, changed + differing
        progress(job, done, total)


def _work(actor: Actor, params: Mapping[str, Any]) -> tuple[TypeSpec | None, list[Outside], Sql]:
    """The type, the outside nodes to compute, and the rows that need it, by the definitions of this moment."""
    spec = shaped(actor).types.get(params["type"])
    if spec is None:
        return None, [], TRUE
    graph, conditions, nodes = graph_of(actor), [], []
    for key, causes in params["fields"].items():
        node = graph.nodes.get((spec.key, key))
        if node is None:
            continue
        if isinstance(node, Outside):
            nodes.append(node)
            conditions.append(TRUE if causes is None else spreading.affected(node, causes["changed"], causes["left"]))
        else:
            conditions.append(TRUE)
    return (spec if conditions else None), nodes, any_of(conditions)


def _count(actor: Actor, params: Mapping[str, Any]) -> int:
    spec, _nodes, where = _work(actor, params)
    if spec is None:
        return 0
    asked = Sql(
        f"SELECT count(*) FROM {spec.rows} t WHERE t.id > %s AND {where.text}", (params["after"], *where.params)
    )
    return int(run_one(asked)[0])


def _batch(actor: Actor, job: Job, params: dict[str, Any], done: int, changed: int) -> tuple[int, int]:
    with transaction.atomic():
        spec, nodes, where = _work(actor, params)
        pks = spreading.locked(spec, where, BATCH, after=params["after"]) if spec is not None else []
        if spec is None or not pks:
            return 0, 0
        graph, types = graph_of(actor), shaped(actor).types
        wave = spreading.Wave(actor, params.get("action") or new_action(), timezone.now())
        differing = spreading.renew(wave, graph, spec, nodes, pks, told=params["told"])
        spreading.spread(wave, graph, types)
        params |= {"after": pks[-1], "done": done + len(pks), "changed": changed + differing}
        Job.objects.filter(pk=job.pk).update(params=params)
    return len(pks), differing
