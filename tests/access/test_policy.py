"""Roles compiled to policies: operations and scopes over the organisation (PRM-01, PRM-04)."""

import pytest

from kezhou import records
from kezhou.access import roles
from kezhou.access.actor import System
from kezhou.access.models import Role

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
