"""The role editor and the departments' page, as an administrator uses them."""

import pytest
from django.test import Client

from kezhou import records
from kezhou.access import roles
from kezhou.access.actor import System
from kezhou.access.departments import fresh_tree
from kezhou.access.models import Role
from tenants.context import tenant
from tenants.directory import find_by_slug

SYSTEM = System("a test looks at everything")


@pytest.fixture
def sales(alpha, plugins_on):
    with tenant(alpha):
        plugins_on("customers")
        return roles.role_pk("sales")


def test_a_changed_cell_acts_for_who_is_signed_in(alpha, admin_client, sales, member_factory, sign_in):
    with tenant(find_by_slug("alpha")):
        colleague, other = member_factory("sales"), member_factory("sales")
        records.save(SYSTEM, "customers.customer", [{"name": "云南远行", "owner": other.pk}]).demand()
    browser = sign_in(Client(), colleague)
    assert "云南远行" not in browser.get("/r/customers.customer/").content.decode()

    saved = admin_client.post(
        f"/settings/roles/{sales}",
        {"name": "销售", "customers.customer:read": "all", "customers.customer:update": "own"},
    )

    assert saved.status_code == 302
    assert "云南远行" in browser.get("/r/customers.customer/").content.decode()
    with tenant(alpha):
        cells = roles.role(sales).cells["customers.customer"]
        assert {key: scope.value for key, scope in cells.items()} == {
            "read": "all", "create": "none", "update": "own", "delete": "none", "import": "none", "export": "none",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "销售", "customers.customer:read": "galaxy"}, "没有“galaxy”这个范围"),
        ({"name": "销售", "nothing.here:read": "all"}, "没有“nothing.here”这种记录"),
        ({"name": " "}, "1 到 40 个字"),
        ({"name": "客服"}, "已有名为“客服”的角色"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_changed(alpha, admin_client, sales, form, sentence):
    with tenant(alpha):
        before = roles.role(sales)

    refused = admin_client.post(f"/settings/roles/{sales}", form)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    with tenant(alpha):
        assert roles.role(sales) == before


def test_the_administrators_role_cannot_be_narrowed_or_deleted(alpha, admin_client, sales):
    with tenant(alpha):
        pk = roles.role_pk("admin")

    narrowed = admin_client.post(f"/settings/roles/{pk}", {"name": "管理员", "customers.customer:read": "none"})
    deleted = admin_client.post(f"/settings/roles/{pk}/delete")

    assert (narrowed.status_code, deleted.status_code) == (422, 422)
    assert "公司总要有人能管理" in deleted.content.decode()


def test_a_role_is_copied_used_and_deleted_once_nobody_holds_it(alpha, admin_client, sales, member_factory):
    made = admin_client.post("/settings/roles/new", {"name": "大客户经理", "copy_of": sales})
    pk = int(made["Location"].rsplit("/", 1)[1])
    with tenant(alpha):
        assert roles.role(pk).cells == roles.role(sales).cells
        person = member_factory("")
    admin_client.post(f"/settings/members/{person.pk}/roles", {"roles": [pk]})

    held = admin_client.post(f"/settings/roles/{pk}/delete")
    admin_client.post(f"/settings/members/{person.pk}/roles", {"roles": [sales]})
    gone = admin_client.post(f"/settings/roles/{pk}/delete")

    assert held.status_code == 422
    assert "还有 1 位成员是“大客户经理”" in held.content.decode()
    assert gone.status_code == 302
    with tenant(alpha):
        assert not Role.objects.filter(pk=pk).exists()


def test_departments_are_added_moved_and_deleted_when_empty(alpha, admin_client, department_factory):
    with tenant(alpha):
        head, chengdu = department_factory("总部"), department_factory("成都")

    admin_client.post("/settings/departments/save", {"name": "散客部", "parent": chengdu})
    version = 1
    admin_client.post(
        "/settings/departments/save", {"pk": chengdu, "version": version, "name": "成都分公司", "parent": head}
    )

    with tenant(alpha):
        tree = fresh_tree()
        (branch,) = (node for node in tree.nodes.values() if node.name == "散客部")
        assert [node.name for node in tree.path(branch.pk)] == ["总部", "成都分公司", "散客部"]
    admin_client.post(f"/settings/departments/{chengdu}/delete")
    with tenant(alpha):
        assert chengdu in fresh_tree().nodes
    admin_client.post(f"/settings/departments/{branch.pk}/delete")
    admin_client.post(f"/settings/departments/{chengdu}/delete")
    with tenant(alpha):
        assert {"成都分公司", "散客部"}.isdisjoint({node.name for node in fresh_tree().nodes.values()})


@pytest.mark.parametrize(
    ("form", "sentence"),
    [({"name": ""}, "请填写名称"), ({"name": "总部二", "parent": "987654"}, "")],
)
def test_a_wrong_department_is_told_at_its_field(alpha, admin_client, form, sentence):
    refused = admin_client.post("/settings/departments/save", {"phone": "028-1234", **form})

    html = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in html
    assert 'value="028-1234"' in html


def test_what_a_member_may_do_is_shown_in_words(alpha, admin_client, sales, member_factory):
    with tenant(alpha):
        person = member_factory("sales", name="孙悦")

    html = admin_client.get(f"/settings/members/{person.pk}").content.decode()

    assert "能做什么" in html
    assert '<span class="kz-scp kz-s1">本人</span>' in html
