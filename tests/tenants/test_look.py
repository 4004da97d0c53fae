"""How a company looks and where it is found (TEN-07): title, logo, colour, address, wherever its people look."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.utils import timezone
from PIL import Image

from kezhou.access import letters
from kezhou.branding import branding
from kezhou.branding.colours import DARK, LIGHT, READABLE, VISIBLE, UnreadableColour, colours_of, contrast
from kezhou.files.models import File
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants import directory, hosts, housekeeping
from tenants.context import Current, control_plane, tenant
from tenants.models import Domain

PAGE = "/settings/look"


@pytest.fixture
def boss(alpha: Current, member_factory: MemberFactory) -> Person:
    with tenant(alpha):
        return member_factory("admin", name="周敏", username="boss", email="zhou@example.com")


@pytest.fixture
def admin(boss: Person, sign_in: SignIn) -> Client:
    return sign_in(Client(), boss)


def picture(width: int = 200, height: int = 100, kind: str = "PNG") -> SimpleUploadedFile:
    drawn = BytesIO()
    Image.new("RGB", (width, height), "#a63420").save(drawn, kind)
    return SimpleUploadedFile(f"标志.{kind.lower()}", drawn.getvalue())


def look(place: Current):  # type: ignore[no-untyped-def]
    directory.forget_hosts()
    found = directory.find_by_slug(place.slug)
    assert found is not None
    return branding(found)


@pytest.mark.req("TEN-07", part="system title, logo, colours on login page, print heads and mails")
def test_title_logo_and_colour_are_on_sign_in_frame_prints_and_mails(
    alpha: Current, beta: Current, admin: Client, letters_of
) -> None:  # type: ignore[no-untyped-def]
    saved = admin.post(PAGE, {"title": "锦城客户系统", "colour": "＃A63420", "logo": picture()})
    shown = look(alpha)
    stranger = Client(HTTP_HOST="alpha.localhost")
    door, frame = (
        browser.get(path).content.decode() for browser, path in ((stranger, "/account/sign-in"), (admin, PAGE))
    )
    sheet, logo = stranger.get(shown.stylesheet), stranger.get(shown.logo)
    small = stranger.get(shown.logo_small)
    with tenant(directory.find_by_slug("alpha")):  # type: ignore[arg-type]
        (mail,) = letters_of(
            lambda: letters.send(
                letters.Letter(channel="email", address="a@example.com", subject="请", lines=("一",), link="http://x")
            )
        )

    assert (saved.status_code, shown.title) == (302, "锦城客户系统")
    assert "<h1>锦城客户系统</h1>" in door
    assert f'src="{shown.logo_small}"' in door
    assert f'href="{shown.stylesheet}"' in door
    assert re.search(rf"kz-printhead.*?{re.escape(shown.logo_small)}.*?<b>锦城客户系统</b>", frame)
    assert "· 锦城客户系统</title>" in frame
    assert "--kz-primary:light-dark(#a63420, " in sheet.content.decode()
    assert stranger.get(shown.stylesheet, headers={"If-None-Match": sheet["ETag"]}).status_code == 304
    with Image.open(BytesIO(b"".join(logo.streaming_content))) as large:  # type: ignore[attr-defined]
        assert (large.format, large.size) == ("PNG", (200, 100))
    assert (logo["Content-Type"], small["Content-Type"]) == ("image/png", "image/webp")
    assert "sandbox" in logo["Content-Security-Policy"]
    page = str(mail.alternatives[0][0])
    assert f'src="{directory.address_of(alpha, shown.logo)}"' in page
    assert "background:#a63420;color:#ffffff" in page
    assert "锦城客户系统 由客舟发出" in page
    assert Client(HTTP_HOST="beta.localhost").get(shown.logo).status_code == 404
    assert "a63420" not in Client(HTTP_HOST="beta.localhost").get("/brand.css").content.decode()


def test_another_logo_takes_the_place_of_the_first_and_none_takes_it_away(alpha: Current, admin: Client) -> None:
    admin.post(PAGE, {"logo": picture()})
    first = look(alpha).logo
    admin.post(PAGE, {"logo": picture(64, 64, "JPEG")})
    second = look(alpha).logo
    before = Client(HTTP_HOST="alpha.localhost").get(first).status_code
    admin.post(PAGE, {"drop": "1"})

    assert first != second
    assert (before, look(alpha).logo) == (404, "")
    with tenant(alpha):
        assert File.objects.filter(purpose="brand").count() == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("colour", "#ffe600", "太浅，按钮和链接在白底上看不清（对比度 1.3，至少要 3.0）。可以用 #"),
        ("colour", "red;}", "“red;}”不是颜色，要像 #2b57cf 这样写。"),
        ("title", "客" * 41, "系统名称最多 40 个字"),
        ("title", "锦城\u202e系统", "不能有看不见的字符"),
        ("logo", SimpleUploadedFile("a.png", b"<?xml version='1.0'?><svg onload='x()'/>"), "SVG 里可以藏脚本"),
        ("logo", SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken"), "这张图片读不出来"),
        ("logo", SimpleUploadedFile("a.exe", b"MZ"), "“a.exe”不是图片"),
        ("logo", SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * (2 * 1024 * 1024)), "文件超过 2 MB"),
        ("logo", picture(20, 20), "图片只有 20×20 像素，每边至少要 32 像素。"),
        ("logo", picture(700, 100), "图片 700×100 太长"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_at_its_place_and_nothing_is_changed(
    alpha: Current, admin: Client, field: str, value: object, sentence: str
) -> None:
    if hasattr(value, "seek"):
        value.seek(0)
    given = {"title": "新名称", "colour": "#a63420", field: value}

    refused = admin.post(PAGE, given)

    text = refused.content.decode()
    assert refused.status_code == 422
    assert sentence in text
    assert 'value="新名称"' in text or field == "title"
    assert (look(alpha).title, look(alpha).colours, look(alpha).logo) == (alpha.name, None, "")


def test_whatever_colour_is_taken_can_be_read_in_both_themes() -> None:
    taken = refused = 0
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            for blue in range(0, 256, 51):
                colour = f"#{red:02x}{green:02x}{blue:02x}"
                try:
                    found = colours_of(colour)
                except UnreadableColour as error:
                    refused += 1
                    found = colours_of(error.nearest)
                taken += 1
                for ground, side in ((LIGHT, "light"), (DARK, "dark")):
                    token = {name: getattr(getattr(found, name), side) for name in found.__slots__}
                    assert contrast(token["primary"], ground) >= VISIBLE, colour
                    assert contrast(token["on_primary"], token["primary"]) >= READABLE, colour
                    assert contrast(token["on_primary"], token["primary_strong"]) >= READABLE, colour
                    assert contrast(token["primary_text"], ground) >= READABLE, colour
                    assert contrast(token["primary_text"], token["primary_soft"]) >= READABLE, colour
    assert taken == 216
    assert 0 < refused < 108


@pytest.mark.req("TEN-07", part="own address name")
def test_the_old_address_leads_to_the_new_one_until_its_day(
    alpha: Current, beta: Current, boss: Person, admin: Client, settings
) -> None:  # type: ignore[no-untyped-def]
    settings.KEZHOU_PUBLIC_PORT = 0
    moved = admin.post(f"{PAGE}/address", {"slug": "jincheng-travel"})
    arrived = Client(HTTP_HOST="jincheng-travel.localhost")
    admitted = arrived.get(moved["Location"].partition("localhost")[2])
    old = Client(HTTP_HOST="alpha.localhost")
    followed = old.get("/r/customers.customer/?sort=name")
    asked = old.get("/api/v1/")
    open_form = admin.post(PAGE, {"title": "还在填"})

    assert moved["Location"].startswith("http://jincheng-travel.localhost/handover/")
    assert (admitted.status_code, arrived.get(PAGE).status_code) == (302, 200)
    assert (followed.status_code, followed["Location"]) == (
        302, "http://jincheng-travel.localhost/r/customers.customer/?sort=name",
    )  # fmt: skip
    assert asked.status_code in {401, 403}
    assert (open_form.status_code, look(directory.find_by_pk(alpha.pk)).title) == (302, "还在填")  # type: ignore[arg-type]
    assert "旧网址 alpha.localhost 到 " in arrived.get(PAGE).content.decode()
    assert directory.slug_problem("alpha") == "“alpha”已被使用，请换一个。"

    with control_plane():
        Domain.objects.filter(domain="alpha.localhost").update(until=timezone.now() - timedelta(seconds=1))
    directory.forget_hosts()

    assert old.get("/").status_code == 404
    assert housekeeping.delete_expired() == 1
    # The schema keeps the first name, so no other company can be made under it.
    assert directory.slug_problem("alpha") == "“alpha”已被使用，请换一个。"


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("beta", "“beta”已被使用，请换一个。"), ("alpha", "网址短名已经是“alpha”。"), ("Ａbc", "网址短名只能用小写字母"),
        ("admin", "“admin”是保留的名字，请换一个。"), ("", "请填写网址短名。"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_had(alpha: Current, beta: Current, admin: Client, slug: str, sentence: str) -> None:
    refused = admin.post(f"{PAGE}/address", {"slug": slug})

    assert (refused.status_code, sentence in refused.content.decode()) == (422, True)
    assert directory.find_by_pk(alpha.pk).slug == "alpha"  # type: ignore[union-attr]


def test_who_moves_too_often_waits_and_may_always_go_back(alpha: Current, boss: Person) -> None:
    with tenant(alpha):
        for slug in ("one-co", "two-co", "three-co"):
            hosts.rename(slug, by="周敏")
        with pytest.raises(ValueError, match="已有 3 个旧网址还在转到这里"):
            hosts.rename("four-co", by="周敏")
        hosts.rename("alpha", by="周敏")
        left = {one.host for one in hosts.left_hosts()}

    assert left == {"one-co.localhost", "two-co.localhost", "three-co.localhost"}
    assert directory.find_by_host("alpha.localhost").slug == "alpha"  # type: ignore[union-attr]


def test_the_preview_shows_what_is_being_typed(admin: Client) -> None:
    shown = admin.get(f"{PAGE}/preview", {"title": "锦城<b>", "colour": "0a6b64"}).content.decode()
    light = admin.get(f"{PAGE}/preview", {"colour": "#ffff00"}).content.decode()
    style = admin.get(f"{PAGE}/preview.css", {"colour": "#0a6b64"}).content.decode()

    assert "锦城&lt;b&gt;" in shown
    assert "preview.css?colour=%230a6b64" in shown
    assert "太浅" in light
    assert style.startswith(".kz-look-preview{--kz-primary:light-dark(#0a6b64, ")


@pytest.fixture
def letters_of(settings, mailoutbox):  # type: ignore[no-untyped-def]
    """Run what was put off until the commit, tasks at once, and give the letters that went out."""
    from kezhou.celery import app

    app.conf.task_always_eager = True

    def after(action):  # type: ignore[no-untyped-def]
        with TestCase.captureOnCommitCallbacks(execute=True):
            action()
        return mailoutbox

    yield after
    app.conf.task_always_eager = False
