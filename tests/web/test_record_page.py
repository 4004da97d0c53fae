"""The record page through the test client: timeline, comments, files, drafts, tabs, news. Everything works without scripts."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import comments, drafts, notify, records
from kezhou.comments.models import Comment
from kezhou.files import attachments
from kezhou.files.models import Attachment
from kezhou.testing.access import MemberFactory, Person
from tests.web.conftest import CONTACTS, CUSTOMERS, Customers

LIST = f"/r/{CUSTOMERS}/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
BrowserOf = Callable[[Person], Client]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def other(shop: object, member_factory: MemberFactory) -> Person:
    return member_factory("sales", name="罗欣")


@pytest.fixture
def pk(seller: Person, customers: Customers) -> int:
    return customers(seller, "川西能源集团有限公司")[0]


def html(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, **headers)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def status(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


@pytest.mark.req("BAS-09")
def test_the_page_shows_one_stream_with_counts_and_filters(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    records.save(seller.actor, CUSTOMERS, [{"pk": pk, "city": "成都"}]).demand()
    records.save(seller.actor, CONTACTS, [{"name": "何国栋", "customer": pk}]).demand()
    comments.write(seller.actor, CUSTOMERS, pk, "价格确认了")
    attachments.attach(seller.actor, CUSTOMERS, pk, "报价单.txt", io.BytesIO(b"1"))
    client = browser_of(seller)

    page = html(client, f"{LIST}{pk}")
    only = html(client, f"{LIST}{pk}/stream?show=comment", **HTMX)

    order = [page.index(text) for text in ("上传了文件", "价格确认了", "新建了联系人", "<s>—</s>")]
    assert order == sorted(order)
    assert '全部 <span class="kz-n kz-num">5</span>' in page
    assert "价格确认了" in only
    assert "上传了文件" not in only
    assert client.get(f"{LIST}{pk}/stream?show=nonsense", **HTMX).status_code == 400
    assert client.get(f"{LIST}{pk}/stream?show=comment")["Location"] == f"{LIST}{pk}?show=comment"
    assert "上传了文件" not in html(client, f"{LIST}{pk}?show=comment")


def test_earlier_entries_come_by_parts(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    for number in range(40):
        comments.write(seller.actor, CUSTOMERS, pk, f"第{number}句")
    client = browser_of(seller)

    page = html(client, f"{LIST}{pk}")
    more = page.partition('class="kz-more1"')[2].partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    earlier = html(client, more, **HTMX)

    assert "第39句" in page
    assert "第9句" not in page
    assert "第9句" in earlier
    assert "第10句" not in earlier
    assert "今天" not in earlier  # the day's head stands already


def test_a_comment_is_written_answered_reworded_pinned_and_taken_back(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    client, his = browser_of(seller), browser_of(boss)

    client.post(f"{LIST}{pk}/comments", {"text": "寄两份合同 @周敏"})
    first = Comment.objects.get()
    his.post(f"{LIST}{pk}/comments", {"text": "寄一份", "reply_to": first.pk}, **HTMX)
    box = html(client, f"{LIST}{pk}/comments/{first.pk}", **HTMX)
    client.post(f"{LIST}{pk}/comments/{first.pk}", {"do": "edit", "text": "寄三份合同 @周敏"}, **HTMX)
    shown = client.post(f"{LIST}{pk}/comments/{first.pk}", {"do": "pin"}, **HTMX).content.decode()

    assert "寄两份合同 @周敏</textarea>" in box
    assert 'class="kz-pinned"' in shown
    assert '寄三份合同 <span class="kz-at">@周敏</span>' in shown
    assert "寄一份" in shown
    assert [notice.kind for notice in notify.unread(boss.actor)] == ["mentioned"]
    assert [notice.kind for notice in notify.unread(seller.actor)] == ["replied"]
    assert his.post(f"{LIST}{pk}/comments/{first.pk}", {"do": "edit", "text": "改"}).status_code == 403
    assert client.post(f"{LIST}{pk}/comments/{first.pk}", {"do": "nonsense"}).status_code == 400
    client.post(f"{LIST}{pk}/comments/{first.pk}", {"do": "remove"})
    assert "这条评论已删除" in html(client, f"{LIST}{pk}")


def test_a_refused_comment_stands_in_its_box_again(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)

    plain = client.post(f"{LIST}{pk}/comments", {"text": "长" * 5001})
    piece = client.post(f"{LIST}{pk}/comments", {"text": " "}, **HTMX)

    assert (plain.status_code, piece.status_code) == (422, 422)
    assert "长" * 5001 in plain.content.decode()
    assert "最多 5000 个" in plain.content.decode()
    assert "评论是空的" in piece.content.decode()


def test_who_cannot_see_the_record_is_named(seller: Person, other: Person, pk: int, browser_of: BrowserOf) -> None:
    answer = browser_of(seller).post(f"{LIST}{pk}/comments", {"text": "@罗欣 看一下"}, **HTMX).content.decode()

    assert "罗欣 看不到这条记录，没有通知到。" in answer


def test_texts_are_shown_as_texts(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    comments.write(seller.actor, CUSTOMERS, pk, "<script>alert(1)</script>\n第二行")

    page = html(browser_of(seller), f"{LIST}{pk}")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>第二行" in page
    assert "<script>alert" not in page


@pytest.mark.req("BAS-05", part="pages")
def test_files_are_uploaded_listed_shown_and_thrown_away(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)
    upload = f"{LIST}{pk}/files/add"

    several = client.post(upload, {"file": [io.BytesIO(b"1"), io.BytesIO(b"2")]})
    body = client.generic(
        "POST", upload, PNG, content_type="application/octet-stream", HTTP_X_FILE_NAME="%E5%90%88%E5%90%8C.png"
    )
    picture = body.json()["pk"]
    page = html(client, f"{LIST}{pk}/files")
    view = client.get(f"{LIST}{pk}/files/{picture}/view")
    download = client.get(f"{LIST}{pk}/files/{picture}")

    assert several["Location"] == f"{LIST}{pk}/files"
    assert (body.status_code, body.json()["name"]) == (201, "合同.png")
    assert Attachment.objects.count() == 3
    assert "合同.png" in page
    assert '文件 <span class="kz-n">3</span>' in page
    assert b"".join(view.streaming_content) == PNG
    assert (view["Content-Type"], view["Content-Disposition"][:6]) == ("image/png", "inline")
    assert view["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert download["Content-Disposition"].startswith("attachment")
    assert b"".join(download.streaming_content) == PNG
    assert 'class="kz-pic1"' in html(client, f"{LIST}{pk}/files/{picture}/preview", **HTMX)
    client.post(f"{LIST}{pk}/files/{picture}/change", {"do": "rename", "name": "盖章"})
    client.post(f"{LIST}{pk}/files/{picture}/change", {"do": "remove"})
    assert client.get(f"{LIST}{pk}/files/{picture}").status_code == 404
    assert "盖章.png" in html(client, f"{LIST}{pk}/files").partition("回收站里的文件")[2]
    client.post(f"{LIST}{pk}/files/{picture}/change", {"do": "restore"})
    assert status(client, f"{LIST}{pk}/files/{picture}") == 200


@pytest.mark.req("BAS-05", part="direct address")
def test_files_obey_the_record_by_direct_address(
    seller: Person, other: Person, pk: int, browser_of: BrowserOf, customers: Customers, member_factory: MemberFactory
) -> None:
    found = attachments.attach(seller.actor, CUSTOMERS, pk, "合同.png", io.BytesIO(PNG))
    (own,) = customers(other, "青衣江茶业集团有限公司")
    stranger, reader = browser_of(other), browser_of(member_factory("reader"))

    for path in ("files", f"files/{found.pk}", f"files/{found.pk}/view", f"files/{found.pk}/preview"):
        assert stranger.get(f"{LIST}{pk}/{path}").status_code == 404, path
        assert status(reader, f"{LIST}{pk}/{path}") == 200, path
    assert stranger.get(f"{LIST}{own}/files/{found.pk}").status_code == 404
    assert stranger.get(f"/files/{Attachment.objects.get().file_id}").status_code == 404
    assert reader.post(f"{LIST}{pk}/files/add", {"file": io.BytesIO(b"1")}).status_code == 403
    assert reader.post(f"{LIST}{pk}/files/{found.pk}/change", {"do": "remove"}).status_code == 403
    assert "data-upload=" not in html(reader, f"{LIST}{pk}/files")


def test_what_may_run_is_never_shown_inside(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    found = attachments.attach(seller.actor, CUSTOMERS, pk, "a.html", io.BytesIO(b"<script>alert(1)</script>"))
    client = browser_of(seller)

    for path in (f"files/{found.pk}", f"files/{found.pk}/view"):
        answer = client.get(f"{LIST}{pk}/{path}")
        assert answer["Content-Disposition"].startswith("attachment"), path
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        b"".join(answer.streaming_content)
    assert "看不了" in html(client, f"{LIST}{pk}/files/{found.pk}/preview")


def test_texts_and_tables_are_shown_in_both_encodings(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)
    table = attachments.attach(
        seller.actor, CUSTOMERS, pk, "名单.csv", io.BytesIO("姓名,电话\n王,<b>1</b>".encode("gb18030"))
    )
    text = attachments.attach(seller.actor, CUSTOMERS, pk, "说明.txt", io.BytesIO(("很长" * 40_000).encode()))

    shown = html(client, f"{LIST}{pk}/files/{table.pk}/preview", **HTMX)
    begun = html(client, f"{LIST}{pk}/files/{text.pk}/preview", **HTMX)

    assert '<th scope="col">姓名</th>' in shown
    assert "<td>&lt;b&gt;1&lt;/b&gt;</td>" in shown
    assert "只显示开头一部分" in begun
    assert "\ufffd" not in begun


def test_a_refused_upload_says_why_and_leaves_nothing(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)

    empty = client.generic(
        "POST", f"{LIST}{pk}/files/add", b"", content_type="application/octet-stream", HTTP_X_FILE_NAME="a.txt"
    )
    none = client.post(f"{LIST}{pk}/files/add", {"other": "1"}, follow=True).content.decode()

    assert (empty.status_code, empty.json()["problem"]) == (422, "“a.txt”是空的，没有上传。")
    assert "没有选文件。" in none
    assert Attachment.objects.count() == 0


@pytest.mark.req("BAS-06")
def test_a_draft_is_kept_offered_refilled_and_gone_after_saving(
    seller: Person, other: Person, browser_of: BrowserOf
) -> None:
    client, elsewhere, stranger = browser_of(seller), browser_of(seller), browser_of(other)
    typed = {
        "name": "攀西钒钛新材料有限公司",
        "travel_budget": "五十万左右",
        "owner": seller.pk,
        "owner__text": "李思源",
    }

    kept = client.post(f"/drafts/{CUSTOMERS}/new/0", typed)
    offered = html(elsewhere, f"{LIST}new")
    again = html(elsewhere, f"{LIST}new?draft=1")

    assert kept.status_code == 200
    assert "写到一半没有保存" in offered
    assert "五十万左右" not in offered
    assert 'value="攀西钒钛新材料有限公司"' in again
    assert 'value="五十万左右"' in again
    assert "写到一半" not in html(stranger, f"{LIST}new")
    assert "攀西" not in html(stranger, "/account/drafts")
    assert "攀西钒钛新材料有限公司" in html(elsewhere, "/account/drafts")
    assert "攀西" not in html(client, LIST)
    assert "没有找到" in html(client, "/search?q=攀西钒钛")
    assert "可能已有" not in html(client, f"{LIST}twins?name=攀西钒钛新材料有限公司")
    refused = elsewhere.post(f"{LIST}new", typed)
    assert refused.status_code == 422
    assert drafts.of(seller.actor, CUSTOMERS, "new") is not None
    elsewhere.post(f"{LIST}new", {**typed, "travel_budget": "500000"})
    assert drafts.of(seller.actor, CUSTOMERS, "new") is None


def test_a_draft_begun_on_an_older_version_ends_in_the_comparison(
    boss: Person, seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    client = browser_of(seller)
    version = records.get(seller.actor, CUSTOMERS, pk).version
    client.post(f"/drafts/{CUSTOMERS}/edit/{pk}", {"city": "绵阳", "version": version})
    records.save(boss.actor, CUSTOMERS, [{"pk": pk, "city": "成都"}]).demand()

    offered = html(client, f"{LIST}{pk}/edit")
    again = html(client, f"{LIST}{pk}/edit?draft=1")
    saved = client.post(f"{LIST}{pk}/edit", {"city": "绵阳", "version": version})

    assert "之后这条记录又被改过" in offered
    assert f'name="version" value="{version}"' in again
    assert 'value="绵阳"' in again
    assert saved.status_code == 409
    merged = client.post(
        f"{LIST}{pk}/merge", {"version": version + 1, "city": "绵阳", "city__given": "1", "pick.city": "mine"}
    )
    assert merged["Location"] == f"{LIST}{pk}"
    assert drafts.of(seller.actor, CUSTOMERS, "edit", record=pk) is None


def test_the_drawer_takes_up_its_own_draft_where_it_belongs(
    seller: Person, pk: int, customers: Customers, browser_of: BrowserOf
) -> None:
    (second,) = customers(seller, "青衣江茶业集团有限公司")
    client = browser_of(seller)
    client.post(f"/drafts/{CONTACTS}/quick/0", {"name": "何国栋", "customer": pk, "customer__text": "川西"})

    assert 'value="何国栋"' in html(client, f"/quick/{CONTACTS}", **HTMX)
    assert 'value="何国栋"' in html(client, f"/quick/{CONTACTS}?customer={pk}", **HTMX)
    assert 'value="何国栋"' not in html(client, f"/quick/{CONTACTS}?customer={second}", **HTMX)
    assert 'value="何国栋"' in html(client, f"/r/{CONTACTS}/new?draft=quick")
    client.post(f"/quick/{CONTACTS}", {"name": "何国栋", "customer": pk})
    assert drafts.mine(seller.actor) == ()


def test_drafts_are_dropped_and_bad_places_refused(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client = browser_of(seller)
    client.post(f"/drafts/{CUSTOMERS}/comment/{pk}", {"text": "写到一半"})

    assert "写到一半</textarea>" in html(client, f"{LIST}{pk}")
    assert client.post(f"/drafts/{CUSTOMERS}/nonsense/0", {}).status_code == 400
    assert client.post("/drafts/no.such/new/0", {}).status_code == 404
    assert client.post(f"/drafts/{CUSTOMERS}/new/0", {"remark": "长" * 100_000}).status_code == 422
    outside = client.post(f"/drafts/{CUSTOMERS}/comment/{pk}/drop?next=//evil.example/")
    assert outside["Location"] == "/account/drafts"
    assert drafts.mine(seller.actor) == ()
    client.post(f"/drafts/{CUSTOMERS}/comment/{pk}", {"text": "又写"})
    client.post(f"{LIST}{pk}/comments", {"text": "发出去"})
    assert drafts.mine(seller.actor) == ()


@pytest.mark.req("UIX-11")
def test_news_are_told_once_and_only_of_others(boss: Person, seller: Person, pk: int, browser_of: BrowserOf) -> None:
    client, since = browser_of(seller), timezone.now().isoformat()
    version = records.get(seller.actor, CUSTOMERS, pk).version
    asked = {"record": f"{CUSTOMERS}:{pk}", "version": version, "seen": since}
    comments.write(seller.actor, CUSTOMERS, pk, "自己说的")

    assert client.post("/live", asked).json()["record"] == {"gone": False, "line": ""}
    records.save(boss.actor, CUSTOMERS, [{"pk": pk, "city": "成都"}]).demand()
    comments.write(boss.actor, CUSTOMERS, pk, "别人说的")
    told = client.post("/live", asked).json()["record"]["line"]
    assert "周敏刚刚改了这个客户" in told
    assert "有 1 条新评论" in told
    assert "并排给你选" in client.post("/live", {**asked, "editing": "1"}).json()["record"]["line"]
    assert client.post("/live", {**asked, "version": "x"}).status_code == 400
    assert client.post("/live", {**asked, "record": f"{CUSTOMERS}:x"}).status_code == 400
    assert client.post("/live", {**asked, "record": "no.such:1"}).status_code == 404
    records.delete(boss.actor, CUSTOMERS, [pk])
    assert client.post("/live", asked).json()["record"] == {"gone": True, "line": ""}


def test_the_last_changes_of_a_field(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    for city in ("成都", "绵阳", "德阳"):
        records.save(seller.actor, CUSTOMERS, [{"pk": pk, "city": city}]).demand()
    records.save(seller.actor, CUSTOMERS, [{"pk": pk, "remark": "无关"}]).demand()
    client = browser_of(seller)

    shown = html(client, f"{LIST}{pk}/field/city/changes", **HTMX)

    assert [shown.index(pair) for pair in ("<s>绵阳</s>", "<s>成都</s>", "<s>—</s>")] == sorted(
        shown.index(pair) for pair in ("<s>绵阳</s>", "<s>成都</s>", "<s>—</s>")
    )
    assert "无关" not in shown
    assert client.get(f"{LIST}{pk}/field/nonsense/changes").status_code == 404


def test_related_records_have_their_own_page_with_all_of_them(seller: Person, pk: int, browser_of: BrowserOf) -> None:
    records.save(seller.actor, CONTACTS, [{"name": f"联系人{n:02}", "customer": pk} for n in range(60)]).demand()
    client = browser_of(seller)

    overview = html(client, f"{LIST}{pk}")
    first = html(client, f"{LIST}{pk}/related/{CONTACTS}:customer")
    after = first.partition('rel="next" href="')[2].partition('"')[0]
    second = html(client, f"{LIST}{pk}/related/{CONTACTS}:customer{after}")

    assert '联系人 <span class="kz-n">60</span>' in overview
    assert (first.count("data-row="), second.count("data-row=")) == (50, 10)
    assert client.get(f"{LIST}{pk}/related/core.member").status_code == 404
    assert client.get(f"{LIST}{pk}/related/no.such").status_code == 404


def test_each_link_of_a_type_has_a_list_of_its_own_and_the_stream_tells_a_record_once(
    seller: Person, pk: int, browser_of: BrowserOf
) -> None:
    rows = [
        {"name": "自己的机会", "customer": pk, "partner": pk},
        {"name": "代理的机会", "customer": pk},
    ]
    records.save(seller.actor, "sales.opportunity", rows, twins="allow").demand()
    client = browser_of(seller)

    overview = html(client, f"{LIST}{pk}")
    lists = {key: html(client, f"{LIST}{pk}/related/sales.opportunity:{key}") for key in ("customer", "partner")}
    told = html(client, f"{LIST}{pk}/stream?show=linked", **HTMX)

    assert '销售机会（客户） <span class="kz-n">2</span>' in overview
    assert '销售机会（合作伙伴） <span class="kz-n">1</span>' in overview
    assert {key: text.count("data-row=") for key, text in lists.items()} == {"customer": 2, "partner": 1}
    assert told.count("自己的机会") == told.count("代理的机会")


@pytest.mark.req("PLT-18")
def test_departments_work_on_one_customer_together(
    seller: Person,
    pk: int,
    browser_of: BrowserOf,
    member_factory: MemberFactory,
    department_factory: Callable[..., int],
) -> None:
    service = member_factory("service", name="赵一鸣", department=department_factory("票务部"))
    client = browser_of(service)

    page = html(client, f"{LIST}{pk}")
    client.post(f"{LIST}{pk}/comments", {"text": "客户改签了，@李思源 知会一下"})

    assert "川西能源集团有限公司" in page
    assert [notice.by_name for notice in notify.unread(seller.actor)] == ["赵一鸣"]
    assert "客户改签了" in html(browser_of(seller), f"{LIST}{pk}")
    found = client.get(LIST, {"q": "川西能源"}).content.decode()
    assert "川西能源集团有限公司" in found, "queried by another department"
    stranger = browser_of(member_factory("", name="无角色", department=department_factory("后勤部")))
    assert stranger.get(LIST).status_code in {403, 404}
    assert stranger.get(f"{LIST}{pk}").status_code in {403, 404}
    contact = {"name": "值机员", "customer": str(pk), "customer__text": "川西能源集团有限公司"}
    assert client.post(f"/r/{CONTACTS}/new", contact).status_code == 302
    assert "值机员" in html(client, f"{LIST}{pk}/related/{CONTACTS}:customer"), "used by another department"
