"""Records of one tenant are out of reach from another, also with the same primary keys and a query made before."""

import pickle
from collections.abc import Callable

import pytest
from django.db import transaction

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.gate import AccessUndecided
from kezhou.records.spec import Purpose, RecordNotFound, UnknownType
from tenants.context import Current, NoTenant, tenant

ACTOR = System("isolation tests")
TYPE = "customers.customer"


def make(place: Current, name: str) -> int:
    with tenant(place), transaction.atomic():
        result = records.save(ACTOR, TYPE, [{"name": name}])
        assert not result.problems
        return int(result.saved[0].pk)


@pytest.fixture
def both(alpha: Current, beta: Current, plugins_on: Callable[..., None]) -> tuple[Current, Current]:
    for place in (alpha, beta):
        with tenant(place):
            plugins_on("customers")
    from tenants import directory

    return tuple(directory.find_by_slug(place.slug) for place in (alpha, beta))  # type: ignore[return-value]  # two


@pytest.mark.committed
@pytest.mark.req("PLT-01", part="the same primary key in two tenants")
def test_the_same_primary_key_is_another_record(both: tuple[Current, Current]) -> None:
    alpha, beta = both
    pk_alpha, pk_beta = make(alpha, "甲的客户"), make(beta, "乙的客户")

    assert pk_alpha == pk_beta
    with tenant(alpha):
        assert [row.name for row in records.query(ACTOR, TYPE)] == ["甲的客户"]
    with tenant(beta):
        assert [row.name for row in records.query(ACTOR, TYPE)] == ["乙的客户"]


@pytest.mark.req("PLT-01", part="a query of one tenant in another")
def test_a_query_made_in_one_tenant_does_not_run_in_another(both: tuple[Current, Current]) -> None:
    alpha, beta = both
    make(alpha, "甲的客户")
    with tenant(alpha):
        query = records.query(ACTOR, TYPE)
        packed = pickle.dumps(query.query)
        assert query.count() == 1

    with tenant(beta):
        for use in (lambda: list(query.all()), query.count, query.exists, lambda: query.filter(name="x").first()):
            with pytest.raises(AccessUndecided, match="was opened in t_alpha and is run in t_beta"):
                use()
        unpacked = records.query(ACTOR, TYPE)
        unpacked.query = pickle.loads(packed)
        with pytest.raises(AccessUndecided, match="was opened in t_alpha"):
            list(unpacked)
    with pytest.raises(NoTenant):
        query.count()


@pytest.mark.req("PLT-01", part="guessed identifiers")
def test_a_record_of_another_tenant_is_not_found(both: tuple[Current, Current]) -> None:
    alpha, beta = both
    make(alpha, "甲")
    second = make(alpha, "甲二")

    with tenant(beta), pytest.raises(RecordNotFound):
        records.get(ACTOR, TYPE, second)


@pytest.mark.req("PLT-10", part="plugins")
def test_a_plugin_switched_on_in_one_tenant_is_off_in_the_other(
    alpha: Current, beta: Current, plugins_on: Callable[..., None]
) -> None:
    with tenant(alpha):
        plugins_on("customers")

        assert TYPE in records.types(ACTOR)
    with tenant(beta):
        assert TYPE not in records.types(ACTOR)
        with pytest.raises(UnknownType):
            records.query(ACTOR, TYPE)


@pytest.mark.req("PLT-10", part="own fields")
def test_an_own_field_of_one_tenant_is_none_of_the_other(both: tuple[Current, Current]) -> None:
    from kezhou.records import custom

    alpha, beta = both
    with tenant(alpha):
        custom.add_field(ACTOR, TYPE, label="品牌等级", kind="text")
        inside = {field.label for field in records.fields_for(TYPE, ACTOR, Purpose.READ)}
    with tenant(beta):
        outside = {field.label for field in records.fields_for(TYPE, ACTOR, Purpose.READ)}

    assert "品牌等级" in inside
    assert inside - outside == {"品牌等级"}
