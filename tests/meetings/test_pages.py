"""Pages of meetings: every room of a venue in its calendar, the free ones too; contacts offered of the chosen customer only."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from kezhou import records
from kezhou.access.actor import System
from kezhou.access.models import Role, RoleField
from kezhou.records import shape
from kezhou.testing.access import MemberFactory, SignIn
from tests.meetings.conftest import DAY, hours

CALENDAR = f"/r/meetings.booking/?view=rooms&on={DAY}"


@pytest.fixture
def page(meetings: None, member_factory: MemberFactory, sign_in: SignIn) -> Client:
    """An administrator's browser."""
    return sign_in(Client(), member_factory("admin", name="周敏"))


def lanes(html: str) -> list[tuple[str, int]]:
    """Names of the rows in their order, with the number of bars in each."""
    rows = re.split(r'<div class="kz-rm">', html)[1:]
    return [(re.search(r"<b><a[^>]*>([^<]+)", row)[1], row.count("data-event=")) for row in rows]  # type: ignore[index]  # every row has a name


@pytest.mark.req("MTG-02", part="calendar of rooms")
def test_the_calendar_shows_every_room_with_what_is_in_it(
    page: Client, place: dict[str, int], order: Callable[..., int], system: System
) -> None:
    other = records.save(system, "meetings.venue", [{"name": "望江酒店", "city": "成都"}]).demand().pk
    records.save(system, "meetings.room", [{"name": "川大厅", "venue": other, "classroom": 120}]).demand()
    order(bookings=[hours(place["锦江厅"], "09:00", "12:00", name="主会场")])

    everything = page.get(CALENDAR).content.decode()
    part = page.get(f"{CALENDAR}&part={other}&scale=day").content.decode()

    assert lanes(everything) == [("芙蓉厅", 0), ("锦江厅", 1), ("川大厅", 0)]
    assert re.findall(r'<div class="kz-part">([^<]+)', everything) == ["锦江宾馆", "望江酒店"]
    assert 'title="年度会议 · 主会场 09:00–12:00"' in everything
    assert lanes(part) == [("川大厅", 0)]
    assert "最多容纳 120" in part
    assert page.get(f"{CALENDAR}&part=abc").status_code == 400


def test_a_booking_that_holds_nothing_is_only_pencilled_in(
    page: Client, place: dict[str, int], order: Callable[..., int]
) -> None:
    order(bookings=[hours(place["锦江厅"], "09:00", "12:00", reserved=False)])

    assert re.search(r'class="kz-bk kz-\w+ kz-hold"', page.get(CALENDAR).content.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [("&by=customer&in={customer}", ["陈嘉禾"]), ("&by=customer&in=", ["陈嘉禾", "罗欣"]), ("", ["陈嘉禾", "罗欣"])],
)
def test_contacts_are_offered_of_the_chosen_customer(
    page: Client, place: dict[str, int], system: System, query: str, found: list[str]
) -> None:
    other = records.save(system, "customers.customer", [{"name": "秦岭航空"}]).demand().pk
    records.save(system, "customers.contact", [{"name": "罗欣", "customer": other}]).demand()
    asked: Any = query.format(**place)

    html = page.get(f"/r/customers.contact/suggest?q={asked}").content.decode()

    assert sorted(re.findall(r'data-title="([^"]+)"', html)) == sorted(found)
    assert page.get("/r/customers.contact/suggest?by=name&in=1").status_code == 400


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cxny", ["川西能源集团有限公司"]),
        ("chuanxi", ["川西能源集团有限公司"]),
        ("cxnengy", ["川西能源集团有限公司"]),
        ("xny", []),
        ("c.*", []),
    ],
)
def test_a_look_up_finds_by_pinyin_and_initials(
    page: Client, place: dict[str, int], typed: str, found: list[str]
) -> None:
    html = page.get("/r/customers.customer/suggest", {"q": typed}).content.decode()

    assert re.findall(r'data-title="([^"]+)"', html) == found


def test_what_is_made_quickly_is_of_the_kind_on_the_page(page: Client) -> None:
    link = re.search(r'href="(/quick[^"]*)" data-quick', page.get("/r/meetings.room/").content.decode())

    assert link is not None
    assert page.get(link[1])["Location"] == "/quick/meetings.room"
    assert page.get("/quick?of=nothing")["Location"] == "/quick/customers.customer"


def test_the_form_narrows_its_lookup(page: Client, place: dict[str, int], order: Callable[..., int]) -> None:
    form = page.get(f"/r/meetings.order/{order()}/edit").content.decode()

    assert f'data-follows="customer" data-through="customer" data-above="{place["customer"]}"' in form


def picture(width: int, height: int) -> SimpleUploadedFile:
    """A JPEG as a telephone makes it: lying on its side, with the mark that says so."""
    held, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (width, height), "#2b57cf").save(held, "JPEG", exif=exif)
    return SimpleUploadedFile("大堂.jpg", held.getvalue(), "image/jpeg")


@pytest.mark.req("MTG-01", part="pictures")
@pytest.mark.parametrize("kind", ["venue", "room", "service"])
def test_staff_put_pictures_to_the_content(
    kind: str, page: Client, place: dict[str, int], system: System, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    pk = place["venue"] if kind == "venue" else place["锦江厅"]
    if kind == "service":
        pk = records.save(system, "meetings.service", [{"name": "茶歇"}]).demand().pk
    staff = sign_in(Client(), member_factory("service", name="何雨桐"))
    got = staff.post("/files/upload", {"file": picture(1600, 1200)}).json()

    edit = f"/r/meetings.{kind}/{pk}/edit"
    version = re.search(r'name="version" value="(\d+)"', staff.get(edit).content.decode())
    saved = staff.post(
        edit, {"version": version and version[1], "pictures__given": "1", "pictures": f"{got['pk']}/大堂.jpg"}
    )

    assert saved.status_code == 302
    thumbnail = f'src="/files/held/{got["pk"]}?small"'
    pages = (f"/r/meetings.{kind}/{pk}", edit, f"/r/meetings.{kind}/?columns=name,pictures")
    assert [thumbnail in page.get(path).content.decode() for path in pages] == [True, True, True]
    small = page.get(f"/files/held/{got['pk']}?small")
    shown = Image.open(BytesIO(b"".join(small.streaming_content)))  # type: ignore[attr-defined]  # a file
    assert (small["Content-Type"], shown.size) == ("image/webp", (240, 320))


def test_a_broken_picture_is_shown_as_it_is(page: Client, place: dict[str, int]) -> None:
    broken = SimpleUploadedFile("坏的.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    pk = page.post("/files/upload", {"file": broken}).json()["pk"]

    answers = [page.get(f"/files/held/{pk}?small") for _look in range(2)]

    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [(200, "image/png")] * 2


@pytest.mark.req("MTG-01")
def test_staff_enter_a_venue_its_rooms_and_what_can_be_ordered(
    meetings: None, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    staff = sign_in(Client(), member_factory("service", name="何雨桐"))

    def enter(what: str, /, **given: Any) -> int:
        held = staff.post("/files/upload", {"file": picture(400, 300)}).json()
        posted = {**given, "pictures__given": "1", "pictures": f"{held['pk']}/大堂.jpg"}
        answer = staff.post(f"/r/meetings.{what}/new", posted)
        assert answer.status_code == 302, answer.content.decode()
        return int(answer["Location"].rstrip("/").rsplit("/", 1)[1])

    texts = {
        "introduction": "园林式酒店",
        "catering": "自助午餐 128 元",
        "equipment": "LED 大屏",
        "packages": "全天套餐 398 元",
    }
    venue = enter("venue", name="锦江宾馆", kind="hotel", star="five", city="成都", guest_rooms="480", **texts)
    room = enter(
        "room", name="锦江厅", venue=str(venue), theatre="600", classroom="360", equipment=["led", "stage"],
        half_day_price="18000", full_day_price="30,000", introduction="可分隔为两间",
    )  # fmt: skip
    package = enter("service", name="全天会议套餐", kind="package", venue=str(venue), unit="person_day", price="398")

    shown = staff.get(f"/r/meetings.venue/{venue}").content.decode()
    assert [text in shown for text in (*texts.values(), "五星级", "锦江厅", "全天会议套餐", "?small")] == [True] * 8
    values = staff.get(f"/api/v1/meetings.room/{room}").json()
    assert (values["capacity"], values["full_day_price"], values["equipment"]) == (600, 30_000, ["led", "stage"])
    assert [one["name"] for one in values["pictures"]] == ["大堂.jpg"]
    assert staff.get(f"/api/v1/meetings.service/{package}").json()["price"] == 398


HIDDEN = {
    "meetings.booking": ("holds", "order"),
    "meetings.room": ("name", "venue", "capacity"),
    "core.department": ("retired", "number"),
    "customers.contact": ("customer",),
}


@pytest.mark.parametrize("level", ["hide", "mask"])
@pytest.mark.parametrize("of_order", ["owner", "name", "starts_on"])
def test_pages_do_without_what_a_role_does_not_see(
    level: str,
    of_order: str,
    place: dict[str, int],
    order: Callable[..., int],
    system: System,
    member_factory: MemberFactory,
    sign_in: SignIn,
) -> None:
    made = order(bookings=[hours(place["锦江厅"], "09:00", "12:00", name="主会场")])
    records.save(system, "core.department", [{"name": "成都分公司"}]).demand()
    role = Role.objects.get(key="service")
    for type, fields in {**HIDDEN, "meetings.order": (of_order,)}.items():
        RoleField.objects.bulk_create(RoleField(role=role, type=type, field=each, level=level) for each in fields)
    shape.bump()
    staff = sign_in(Client(), member_factory("service", name="何雨桐"))

    contacts = f"/r/customers.contact/suggest?by=customer&in={place['customer']}"
    paths = ("/", CALENDAR, f"{CALENDAR}&scale=month", "/r/core.department/suggest", contacts)
    answers = [staff.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200] * 5
    orders = [staff.get(f"/r/meetings.order/{made}{part}").content.decode() for part in ("", "/edit")]
    assert ["主会场" in html for html in orders] == [True, True]
    calendar, departments, offered = (answers[each].content.decode() for each in (1, 3, 4))
    assert calendar.count("data-event=") == 1
    assert ("最多容纳 120" in calendar, "锦江宾馆" in calendar) == (False, False)
    assert re.findall(r'data-title="([^"]+)"', departments) == ["成都分公司", "甲方旅行社有限公司"]
    assert re.findall(r'data-title="([^"]+)"', offered) == ["陈嘉禾"]
