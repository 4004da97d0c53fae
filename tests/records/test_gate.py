"""Nobody reads records without an actor, whichever way Django offers (bones of the gate)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.db.models.query import QuerySet
from django.shortcuts import get_object_or_404

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.gate import AccessUndecided
from kezhou.testing.access import MemberFactory
from tenants.context import Current, _scope, tenant
from tests.testplugin.models import Project, Task

PROJECT, TASK = "testplugin.project", "testplugin.task"


@pytest.fixture
def task(projects: None, system: System) -> Any:
    """A task of a project, as a row."""
    project = records.save(system, PROJECT, [{"name": "甲"}]).pk
    pk = records.save(system, TASK, [{"name": "任务", "project": project}]).pk
    return records.query(system, TASK).get(pk=pk)


CLOSED: dict[str, Callable[[], Any]] = {
    "list": lambda: list(Project.objects.all()),
    "default manager": lambda: list(Project._default_manager.filter(name="甲")),
    "get": lambda: Project.objects.get(pk=1),
    "first": lambda: Project.objects.first(),
    "count": lambda: Project.objects.count(),
    "exists": lambda: Project.objects.exists(),
    "aggregate": lambda: Project.objects.aggregate(Count("pk")),
    "values": lambda: list(Project.objects.values("name")),
    "values_list": lambda: list(Project.objects.values_list("name", flat=True)),
    "iterator": lambda: list(Project.objects.iterator()),
    "in_bulk": lambda: Project.objects.in_bulk([1]),
    "bool": lambda: bool(Project.objects.all()),
    "repr": lambda: repr(Project.objects.all()),
    "explain": lambda: Project.objects.explain(),
    "dates": lambda: list(Project.objects.dates("starts_on", "year")),
    "union": lambda: list(Project.objects.all().union(Project.objects.all())),
    "raw": lambda: list(Project.objects.raw("SELECT * FROM testplugin_project")),
    "queryset raw": lambda: list(Project.objects.all().raw("SELECT * FROM testplugin_project")),
    "shortcut": lambda: get_object_or_404(Project, pk=1),
    "latest": lambda: Project.objects.latest("pk"),
    "contains": lambda: Project.objects.contains(Project(pk=1)),
    "update": lambda: Project.objects.update(name="乙"),
    "delete": lambda: Project.objects.all().delete(),
    "raw delete": lambda: Project.objects.all()._raw_delete("default"),
    "bulk create": lambda: Project.objects.bulk_create([Project(name="乙")]),
    "bulk update": lambda: Project.objects.bulk_update([], ["name"]),
    "get or create": lambda: Project.objects.get_or_create(name="乙"),
    "update or create": lambda: Project.objects.update_or_create(name="乙"),
    "instance save": lambda: Project(name="乙").save(),
    "validate unique": lambda: Project(name="乙", code="1").validate_unique(),
}


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("way", CLOSED)
def test_every_way_without_an_actor_is_closed(way: str) -> None:
    with pytest.raises(AccessUndecided):
        CLOSED[way]()


def test_links_are_not_walked_joined_or_fetched_along(task: Any, system: System) -> None:
    opened: QuerySet[Any] = records.query(system, TASK)

    for way in (
        lambda: task.project,
        lambda: list(opened.select_related("project")),
        lambda: list(opened.prefetch_related("project")),
        lambda: list(opened.prefetch_related(Prefetch("project", queryset=records.query(system, PROJECT)))),
        lambda: list(opened.filter(project__name="甲")),
        lambda: list(opened.values("project__name")),
        lambda: list(opened.order_by("project__name")),
        lambda: list(Task._base_manager.filter(project__name="甲")),
    ):
        with pytest.raises(AccessUndecided):
            way()
    assert opened.filter(project=task.project_id).count() == 1
    assert opened.filter(project__in=records.query(system, PROJECT).filter(name="甲")).count() == 1


def test_a_closed_query_inside_an_opened_one_stays_closed(task: Any, system: System) -> None:
    opened: QuerySet[Any] = records.query(system, TASK)

    with pytest.raises(AccessUndecided):
        list(opened.filter(project__in=Project.objects.filter(name="甲")))
    with pytest.raises(AccessUndecided):
        list(opened.annotate(x=Exists(Project.objects.filter(pk=OuterRef("project_id")))))
    with pytest.raises(AccessUndecided):
        list(opened.union(Task.objects.all()))


def test_an_opened_query_keeps_its_mark_and_its_policy(task: Any, system: System) -> None:
    opened: QuerySet[Any] = records.query(system, TASK)

    assert [t.pk for t in opened.filter(name="任务").exclude(name="x").order_by("-pk")[:5]] == [task.pk]
    assert pickle.loads(pickle.dumps(opened.all().query)).opened == (opened.query.opened)
    assert opened.none().count() == 0
    assert list(Project.objects.none()) == []


def test_querysets_of_two_actors_are_not_combined(
    projects: None, member_factory: MemberFactory, system: System
) -> None:
    seller = member_factory("sales").actor
    records.save(system, PROJECT, [{"name": "甲"}]).demand()

    with pytest.raises(AccessUndecided):
        records.query(system, PROJECT) | records.query(seller, PROJECT)
    with pytest.raises(AccessUndecided):
        records.query(seller, PROJECT) | Project.objects.all()
    assert (records.query(seller, PROJECT) & records.query(seller, PROJECT)).count() == 0


def test_a_query_opened_in_one_company_does_not_run_in_another(
    projects: None, in_alpha: Current, beta: Current, system: System
) -> None:
    opened = records.query(system, "customers.customer")
    token = _scope.set(None)
    try:
        with tenant(beta), pytest.raises(AccessUndecided, match="t_alpha"):
            list(opened)
    finally:
        _scope.reset(token)


def test_the_policy_is_part_of_the_query(projects: None, member_factory: MemberFactory) -> None:
    seller, other = member_factory("sales").actor, member_factory("sales").actor
    mine = records.save(seller, PROJECT, [{"name": "我的"}]).pk
    records.save(other, PROJECT, [{"name": "别人的"}]).demand()

    assert [row.pk for row in records.query(seller, PROJECT)] == [mine]
    assert [row.pk for row in records.query(seller, PROJECT).filter(Q(name__startswith="我") | Q())] == [mine]
