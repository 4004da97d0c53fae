"""Settings › 自定义对象: a record type is made, shaped, hidden and removed by its pages alone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from kezhou import records
from kezhou.access.actor import System
from kezhou.records.own import outlines
from kezhou.records.own.models import OwnType
from kezhou.testing.access import Person
from tenants.context import Current, tenant
from tests.own import making
from tests.pages.conftest import finish_jobs

HERE = "/settings/own"
NEW = {"title": "签证资料", "icon": "plane", "section": "", "grants": "everybody"}


def system() -> System:
    return System("looks at what the pages made")


def made(admin: Client, **typed: str) -> str:
    """Make a type by the dialog; its key."""
    answer = admin.post(HERE, NEW | typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"]).rpartition("/")[2]


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_type_made_in_one_dialog_is_usable_at_once(admin: Client, seller: Client, alpha: Current) -> None:
    assert "还没有自定义对象" in page(admin, HERE)
    assert "新建自定义对象" in page(admin, f"{HERE}?open=new")

    key = made(admin)

    assert "签证资料" in page(admin, HERE)
    assert "签证资料" in page(seller, "/")
    seller.post(f"/r/{key}/new", {"name": "王建国的签证"})
    assert "王建国的签证" in page(seller, f"/r/{key}/")
    assert "名称" in page(admin, f"/settings/fields/{key}")


def test_it_stands_in_the_menu_of_the_chosen_module(admin: Client, alpha: Current, customers_on: None) -> None:
    key = made(admin, section="customers")

    page_of_customers = page(admin, "/r/customers.customer/")

    assert f'href="/r/{key}/"' in page_of_customers


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "名称要有 1 到 20 个字。"),
        ({"title": "很" * 21}, "名称要有 1 到 20 个字。"),
        ({"icon": "../x"}, "请从图标里选一个。"),
        ({"section": "no-such"}, "没有“no-such”这个模块，或者它没有启用。"),
        ({"grants": "no.such"}, "请选择谁可以使用。"),
        ({"copy_of": "own.t_999"}, "这个自定义对象已经不在了，请回到列表看看。"),
        ({"copy_of": "customers.customer"}, "“customers.customer”不是自定义对象。"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    admin: Client, alpha: Current, typed: dict[str, str], sentence: str
) -> None:
    answer = admin.post(HERE, NEW | typed)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert typed.get("title", "签证资料") in answer.content.decode()
    with tenant(alpha):
        assert OwnType.objects.count() == 0


def test_two_types_may_not_have_one_name(admin: Client, alpha: Current) -> None:
    made(admin)

    answer = admin.post(HERE, NEW)

    assert "已有名为“签证资料”的自定义对象，请换一个名称。" in answer.content.decode()


def test_every_tab_opens_and_saves(admin: Client, alpha: Current) -> None:
    key = made(admin, title="设备借用")
    here = f"{HERE}/{key}"
    for tab in ("basics", "lines", "states", "number", "rights", "list"):
        page(admin, f"{here}?tab={tab}")

    sent = (
        {
            "tab": "basics",
            "title": "设备借还",
            "icon": "tool",
            "name_label": "事由",
            "access": "shared",
            "position": "7",
        },
        {"tab": "lines", "do": "add", "title": "设备"},
        {"tab": "states", "do": "make", "label": "状态", "names": "申请\n借出\n归还"},
        {"tab": "number", "prefix": "sb", "titled_by": "name"},
    )
    for form in sent:
        assert admin.post(here, form).status_code == 302, form

    with tenant(alpha):
        spec = records.type_of(system(), key)
        assert (spec.title, spec.icon, spec.order, spec.by_key["name"].label) == ("设备借还", "tool", 7, "事由")
        assert [line.title for line in spec.lines] == ["设备"]
        assert spec.states is not None
        labels = {option.key: str(option.label) for option in spec.by_key[spec.states.field].options}
        assert [labels[name] for name in spec.states.initial] == ["申请"]
        assert [(labels[way.sources[0]], labels[way.target]) for way in spec.states.transitions] == [
            ("申请", "借出"),
            ("借出", "归还"),
        ]
        assert spec.declaration.number == "SB"
    for tab in ("basics", "lines", "states", "number", "rights", "list"):
        page(admin, f"{here}?tab={tab}")


def test_states_that_nothing_leads_to_are_refused_and_the_boxes_stay(admin: Client, alpha: Current) -> None:
    with tenant(alpha):
        whole = making.whole(system())
        state = whole.fields["state"]
        keys = [option.key for option in records.type_of(system(), whole.key).by_key[state].options]
    form = {
        "tab": "states",
        "do": "save",
        "field": state,
        "state": keys,
        "initial": keys[0],
        f"moves:{keys[0]}": keys[1],
    }

    answer = admin.post(f"{HERE}/{whole.key}", form)

    text = answer.content.decode()
    assert (answer.status_code, "没有哪一步能走到“归还”。请给它加一条来路，或先停用这个选项。" in text) == (422, True)
    assert f'name="moves:{keys[0]}" value="{keys[1]}" checked' in text
    assert f'name="moves:{keys[1]}" value="{keys[2]}" checked' not in text


def test_columns_quick_form_and_twins_are_chosen_among_the_fields(admin: Client, alpha: Current) -> None:
    with tenant(alpha):
        plain = making.plain(system())
    fields = plain.fields
    form = {
        "tab": "list", "columns": ["name", fields["fee"]], "quick": [fields["kind"]], "twins": [fields["country"]],
        "order": f"-{fields['fee']}",
    }  # fmt: skip

    assert admin.post(f"{HERE}/{plain.key}", form).status_code == 302

    with tenant(alpha):
        spec = records.type_of(system(), plain.key)
        assert spec.columns == ("name", fields["fee"])
        assert (spec.quick, spec.twins, spec.sort) == (
            ("name", fields["kind"]), ((fields["country"],),), (f"-{fields['fee']}",),
        )  # fmt: skip


def test_rights_are_cells_of_roles(admin: Client, seller: Client, alpha: Current) -> None:
    key = made(admin, grants="nobody")
    assert seller.get(f"/r/{key}/").status_code == 404
    with tenant(alpha):
        from kezhou.access import roles

        role = roles.role_pk("sales")
    cells = {f"{role}|{key}:{name}": "own" for name in ("read", "update", "delete", "export")}

    form = {
        "tab": "rights",
        **cells,
        f"{role}|{key}:create": "all",
        "operations": ["create", "update", "delete", "export"],
    }
    assert admin.post(f"{HERE}/{key}", form).status_code == 302

    seller.post(f"/r/{key}/new", {"name": "我的"})
    admin.post(f"/r/{key}/new", {"name": "老板的"})
    listed = page(seller, f"/r/{key}/")
    assert ("我的" in listed, "老板的" in listed) == (True, False)
    with tenant(alpha):
        assert "import" not in records.type_of(system(), key).operations


def test_the_second_administrator_is_told_and_keeps_what_was_typed(admin: Client, alpha: Current) -> None:
    key = made(admin)
    admin.post(f"{HERE}/{key}", {"tab": "basics", "version": "1", "title": "签证", "icon": "plane"})

    answer = admin.post(f"{HERE}/{key}", {"tab": "basics", "version": "1", "title": "签证材料", "icon": "plane"})

    text = answer.content.decode()
    assert "另一位管理员刚改过“签证”，你的修改还没有保存。" in text
    assert 'value="签证材料"' in text
    assert (
        admin.post(f"{HERE}/{key}", {"tab": "basics", "version": "2", "title": "签证材料", "icon": "plane"}).status_code
        == 302
    )


def test_hidden_it_is_nowhere_restored_it_is_as_before(admin: Client, alpha: Current) -> None:
    key = made(admin)
    admin.post(f"/r/{key}/new", {"name": "王建国的签证"})

    admin.post(f"{HERE}/{key}", {"tab": "basics", "do": "remove"})

    assert admin.get(f"/r/{key}/").status_code == 404
    assert "1 条记录、字段和权限都留着" in page(admin, f"{HERE}/{key}")
    admin.post(f"{HERE}/{key}", {"tab": "basics", "do": "restore"})
    assert "王建国的签证" in page(admin, f"/r/{key}/")


def test_removing_for_good_asks_for_the_name_and_is_a_job(admin: Client, administrator: Person, alpha: Current) -> None:
    with tenant(alpha):
        whole = making.whole(system(), title="设备借用")
        other = making.plain(system())
        (kept,) = records.save(system(), other.key, [{"name": "留着", other.fields["country"]: "法国"}]).pks
        records.save(system(), whole.key, [{"name": f"借用 {n}"} for n in range(3)]).demand()
    here = f"{HERE}/{whole.key}"
    assert (
        "请先停用“设备借用”" in admin.post(here, {"tab": "basics", "do": "purge", "sure": "设备借用"}).content.decode()
    )
    admin.post(here, {"tab": "basics", "do": "remove"})
    assert "会删除 3 条记录" in page(admin, f"{here}?open=purge")

    refused = admin.post(here, {"tab": "basics", "do": "purge", "sure": "设备"})
    assert "请原样输入它的名称“设备借用”" in refused.content.decode()
    assert admin.post(here, {"tab": "basics", "do": "purge", "sure": "设备借用"}).status_code == 302
    (job,) = finish_jobs(alpha)

    assert job.message == "“设备借用”和它的 3 条记录已彻底删除。"
    with tenant(alpha):
        assert [each.key for each in outlines.outlines(system())] == [other.key]
        assert records.get(system(), other.key, kept).title == "留着"
        left = ("records_customfield", "access_rolegrant")
        with connection.cursor() as cursor:
            for table in left:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE type IN (%s, %s)", [whole.key, whole.lines])
                assert (table, cursor.fetchone()[0]) == (table, 0)
            cursor.execute("SELECT DISTINCT kind FROM records_history WHERE type = %s", [whole.key])
            assert cursor.fetchall() == [("purged",)]


def test_a_definition_travels_as_a_file(admin: Client, alpha: Current) -> None:
    with tenant(alpha):
        whole = making.whole(system(), title="设备借用")
    file = admin.get(f"{HERE}/{whole.key}/definition").content

    upload = {"file": SimpleUploadedFile("x.json", file), "title": "车辆借用", "grants": "nobody"}
    answer = admin.post(f"{HERE}/import", upload)
    broken = admin.post(f"{HERE}/import", {"file": SimpleUploadedFile("x.json", b"[1]"), "grants": "nobody"})

    assert answer.status_code == 302
    key = str(answer["Location"]).rpartition("/")[2]
    with tenant(alpha):
        first, second = records.type_of(system(), whole.key), records.type_of(system(), key)
        assert [str(f.label) for f in first.fields] == [str(f.label) for f in second.fields]
        assert [len(each.states.transitions) for each in (first, second) if each.states] == [2, 2]
        assert [line.title for line in second.lines] == ["设备"]
    assert "这个文件不是自定义对象的定义。请选择从“导出定义”得到的文件。" in broken.content.decode()


def test_a_copy_starts_with_the_fields_of_another(admin: Client, alpha: Current) -> None:
    with tenant(alpha):
        plain = making.plain(system())

    key = made(admin, title="签注", copy_of=plain.key)

    with tenant(alpha):
        copied = records.type_of(system(), key)
        assert [str(field.label) for field in copied.fields if field.custom] == [
            "国家", "签证费", "停留天数", "有效期", "类别", "经办人",
        ]  # fmt: skip
        assert [option.label for option in copied.fields[5].options] == ["旅游", "商务"]


@pytest.mark.parametrize("path", [HERE, f"{HERE}/own.t_1", f"{HERE}/import", f"{HERE}/own.t_1/definition"])
def test_only_administrators_may(seller: Client, path: str) -> None:
    answer = seller.post(path, NEW) if path.endswith(("own", "import")) else seller.get(path)

    assert answer.status_code == 403


def test_of_two_administrators_giving_rights_the_second_is_told_and_nothing_ticked_is_lost(
    admin: Client, alpha: Current
) -> None:
    key = made(admin, grants="nobody")
    here = f"{HERE}/{key}?tab=rights"
    opened = {name: _hidden(page(admin, here), name) for name in ("version", "seen")}
    with tenant(alpha):
        from kezhou.access import roles

        role = roles.role_pk("sales")
        roles.set_cells(role, {key: {"read": "own"}})  # somebody else, on the page of roles
    form = {
        "tab": "rights",
        **opened,
        f"{role}|{key}:read": "all",
        f"{role}|{key}:update": "own",
        "operations": "update",
    }

    told = admin.post(f"{HERE}/{key}", form)

    text = told.content.decode()
    assert (told.status_code, "别人改过这些角色的权限。下面是你选的，请核对后再保存。" in text) == (422, True)
    cell = text[text.index(f'name="{role}|{key}:read"') :]
    assert '<option value="all" selected>' in cell[: cell.index("</select>")]
    assert 'name="operations" value="update" checked' in text
    assert 'name="operations" value="create" checked' not in text
    again = {**form, **{name: _hidden(text, name) for name in ("version", "seen")}}
    assert admin.post(f"{HERE}/{key}", again).status_code == 302
    stale = admin.post(f"{HERE}/{key}", again)
    assert "另一位管理员刚改过“签证资料”" in stale.content.decode()
    with tenant(alpha):
        assert records.type_of(system(), key).operations == {"read", "update"}
        assert {view.pk: view for view in roles.roles()}[role].cells[key]["read"] == "all"


def _hidden(text: str, name: str) -> str:
    return text.partition(f'name="{name}" value="')[2].partition('"')[0]
