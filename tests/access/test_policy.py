"""Roles compiled to policies: operations and scopes over the organisation (PRM-01, PRM-04)."""

import pytest
from django.db.models import Q
from django.test import Client

from kezhou import records
from kezhou.access import roles
from kezhou.access.actor import System
from kezhou.access.models import Role
from kezhou.access.standard_roles import STANDARD_ROLES
from kezhou.records.spec import Level
from kezhou.sdk.hooks import Grant, RoleSeed

SYSTEM = System("a test looks at everything")


@pytest.fixture
def tree(department_factory):
    """总部 ├ 成都分公司 ├ 大客户部 └ 散客部; 总部 └ 重庆分公司."""
    head = department_factory("总部")
    chengdu = department_factory("成都分公司", parent=head)
    return {
        "总部": head,
        "成都分公司": chengdu,
        "大客户部": department_factory("大客户部", parent=chengdu),
        "散客部": department_factory("散客部", parent=chengdu),
        "重庆分公司": department_factory("重庆分公司", parent=head),
    }


def role_with(scope, *, operations="read create update delete import export"):
    """A role of the tenant's own with one scope for some operations on customers."""
    pk = roles.add_role(f"试用 {scope} {operations[:12]}")
    roles.set_cells(pk, {"customers.customer": dict.fromkeys(operations.split(), scope)})
    return pk


def test_standard_roles_come_with_the_company(in_alpha):
    assert list(Role.objects.order_by("order").values_list("key", "name")) == [
        ("admin", "管理员"),
        ("manager", "主管"),
        ("sales", "销售"),
        ("service", "客服"),
        ("reader", "只读"),
    ]


@pytest.mark.parametrize(
    ("scope", "visible"),
    [
        ("none", set()),
        ("own", {"我的"}),
        ("department", {"我的", "同部门"}),
        ("below", {"我的", "同部门"}),
        ("all", {"我的", "同部门", "上级", "兄弟部门", "别的分公司"}),
    ],
)
def test_scope_decides_which_customers_are_seen(in_alpha, plugins_on, member_factory, tree, scope, visible):
    plugins_on("customers")
    me = member_factory("", department=tree["大客户部"])
    admin = member_factory("admin")
    roles.set_roles(me.pk, [role_with(scope)])
    for name, owner, department in (
        ("我的", me.pk, tree["重庆分公司"]),
        ("同部门", admin.pk, tree["大客户部"]),
        ("上级", admin.pk, tree["成都分公司"]),
        ("兄弟部门", admin.pk, tree["散客部"]),
        ("别的分公司", admin.pk, tree["重庆分公司"]),
    ):
        records.save(SYSTEM, "customers.customer", [{"name": name, "owner": owner, "department": department}]).demand()

    seen = {entry.name for entry in records.query(me.actor, "customers.customer")} if scope != "none" else set()

    assert seen == visible


@pytest.fixture
def me(in_alpha, plugins_on, member_factory, tree):
    plugins_on("customers")
    return member_factory("", name="李思源", department=tree["大客户部"])


def holding(me, *cells):
    """The actor of `me` under roles with these cells."""
    pks = []
    for number, wanted in enumerate(cells):
        pk = roles.add_role(f"试用 {number}")
        roles.set_cells(pk, wanted)
        pks.append(pk)
    roles.set_roles(me.pk, pks)
    return me.actor


@pytest.mark.parametrize(
    ("scope", "shape"),
    [
        ("none", "none"),
        ("own", "is:owner"),
        ("department", "or(is:owner,in:department)"),
        ("below", "or(is:owner,in:department)"),
        ("all", "all"),
    ],
)
def test_a_scope_compiles_to_a_condition_of_constant_shape(me, scope, shape):
    actor = holding(me, {"customers.customer": {"read": scope}})

    assert actor.policy("customers.customer").condition.shape() == shape


def test_sql_search_terms_and_django_say_the_same(me, tree):
    condition = holding(me, {"customers.customer": {"read": "below"}}).policy("customers.customer").condition

    sql = condition.sql("t")

    assert sql.text == '(t."owner_id" = %s OR t."department_id" = ANY(%s))'
    assert sql.params == (me.pk, [tree["大客户部"]])
    assert condition.terms() == ("or", ("in", "owner", (me.pk,)), ("in", "department", (tree["大客户部"],)))
    assert str(condition.q()) == str(Q(pk__in=[]) | Q(owner_id=me.pk) | Q(department_id__in=[tree["大客户部"]]))


def test_several_roles_add_up_operation_by_operation(me):
    actor = holding(
        me,
        {"customers.customer": {"read": "own", "update": "own"}},
        {"customers.customer": {"read": "all", "export": "own"}},
    )

    shapes = {
        name: actor.policy("customers.customer").condition_for(name).shape()
        for name in ("read", "update", "export", "delete", "create")
    }

    assert shapes == {"read": "all", "update": "is:owner", "export": "is:owner", "delete": "none", "create": "none"}


def test_no_operation_reaches_further_than_reading(me):
    actor = holding(me, {"customers.customer": {"read": "own", "update": "all", "delete": "below", "create": "own"}})

    policy = actor.policy("customers.customer")

    assert policy.condition_for("update").shape() == "is:owner"
    assert policy.condition_for("delete").shape() == "is:owner"
    assert policy.condition_for("create").shape() == "all"


def test_without_reading_there_is_nothing(me):
    actor = holding(me, {"customers.customer": {"update": "all", "create": "all"}})

    assert actor.policy("customers.customer").operations == frozenset()


def test_a_type_that_no_role_names_is_closed(me):
    assert holding(me, {"customers.customer": {"read": "all"}}).policy("customers.contact").operations == frozenset()


def test_words_for_a_plugin_and_for_everything_count_where_nothing_nearer_does(me):
    grants = [
        Grant("*", "read", "own"),
        Grant("customers.*", "read update", "all"),
        Grant("customers.contact", "create", "all"),
    ]
    roles.seed([RoleSeed("mixed", "混合", grants)])
    roles.set_roles(me.pk, [roles.role_pk("mixed")])
    roles.set_cells(roles.role_pk("mixed"), {"customers.contact": {"read": "all"}})

    assert me.actor.policy("customers.customer").operations == {"read", "update"}
    assert me.actor.policy("customers.contact").operations == {"read"}
    assert me.actor.policy("sales.opportunity").condition.shape() == "is:owner"


def test_types_that_belong_to_everybody_know_no_narrower_scope(me):
    actor = holding(me, {"core.member": {"read": "own"}})

    assert actor.policy("core.member").condition.shape() == "all"


def test_the_head_of_a_department_sees_what_is_below_it(me, tree):
    records.save(SYSTEM, "core.department", [{"pk": tree["成都分公司"], "head": me.pk}]).demand()

    condition = holding(me, {"customers.customer": {"read": "below"}}).policy("customers.customer").condition

    branch = {"owner": None, "department": tree["散客部"]}
    assert condition.explain(branch) == "因你负责“成都分公司”而可见"
    assert condition.explain({"owner": None, "department": tree["重庆分公司"]}) is None


def test_a_policy_explains_itself(me, tree):
    policy = holding(me, {"customers.customer": {"read": "department"}}).policy("customers.customer")

    assert policy.explain({"owner": me.pk, "department": None}) == "因你是负责人而可见"
    assert policy.explain({"owner": 999, "department": tree["大客户部"]}) == "因它属于你所在的“大客户部”而可见"
    assert policy.explain({"owner": 999, "department": tree["散客部"]}) is None


def test_moving_a_department_changes_what_is_seen_at_once(me, tree, member_factory):
    other = member_factory("sales")
    records.save(SYSTEM, "core.member", [{"pk": me.pk, "department": tree["成都分公司"]}]).demand()
    pk = records.save(
        SYSTEM, "customers.customer", [{"name": "重庆山城", "owner": other.pk, "department": tree["重庆分公司"]}]
    ).pk
    actor = holding(me, {"customers.customer": {"read": "below"}})
    assert list(records.query(actor, "customers.customer")) == []

    records.save(SYSTEM, "core.department", [{"pk": tree["重庆分公司"], "parent": tree["成都分公司"]}]).demand()

    assert [row.pk for row in records.query(me.actor, "customers.customer")] == [pk]


def test_a_department_cannot_stand_under_itself(in_alpha, tree):
    result = records.save(SYSTEM, "core.department", [{"pk": tree["成都分公司"], "parent": tree["散客部"]}])

    assert [(problem.field, problem.sentence) for problem in result.problems] == [
        ("parent", "部门不能放到自己或自己的下级之下，请另选上级部门。")
    ]


def test_a_change_of_role_acts_at_the_next_request(alpha, me, sign_in, plugins_on):
    browser = sign_in(Client(), me)
    holding(me, {"customers.customer": {"read": "own"}})
    role_pk = Role.objects.get(name="试用 0").pk
    assert me.actor.policy("customers.customer").operations == {"read"}

    roles.set_cells(role_pk, {"customers.customer": {"read": "none"}})

    assert me.actor.policy("customers.customer").operations == frozenset()
    assert browser.get("/r/customers.customer/").status_code == 404


def test_records_get_the_department_of_their_owner(me, tree, member_factory):
    other = member_factory("sales", department=tree["重庆分公司"])
    pk = records.save(SYSTEM, "customers.customer", [{"name": "云南远行", "owner": me.pk}]).pk
    before = records.get(SYSTEM, "customers.customer", pk).department

    records.save(SYSTEM, "customers.customer", [{"pk": pk, "owner": other.pk}]).demand()

    assert before == tree["大客户部"]
    assert records.get(SYSTEM, "customers.customer", pk).department == tree["重庆分公司"]


def test_restricted_fields_are_as_open_as_the_most_open_role(me):
    roles.seed(
        [
            RoleSeed(
                "narrow", "窄", [Grant("customers.customer", "read", "all", hidden=("phone",), readonly=("name",))]
            ),
            RoleSeed("wide", "宽", [Grant("customers.customer", "read", "all", masked=("phone",))]),
            RoleSeed("far", "远", [Grant("customers.contact", "read", "all")]),
        ]
    )
    narrow, wide, far = (roles.role_pk(key) for key in ("narrow", "wide", "far"))

    def levels(*pks):
        roles.set_roles(me.pk, pks)
        policy = me.actor.policy("customers.customer")
        return policy.level("phone"), policy.level("name")

    assert levels(narrow) == (Level.HIDE, Level.READ)
    assert levels(narrow, wide) == (Level.MASK, Level.EDIT)
    assert levels(narrow, far) == (Level.HIDE, Level.READ)


def test_seeding_again_touches_nothing_that_was_set_by_hand(in_alpha):
    pk = roles.role_pk("sales")
    roles.rename_role(pk, "业务员")
    roles.set_cells(pk, {"core.member": {"read": "none"}})

    roles.seed(STANDARD_ROLES)

    assert roles.role(pk).name == "业务员"
    assert roles.role(pk).cells["core.member"]["read"] == "none"
    assert Role.objects.count() == 5
