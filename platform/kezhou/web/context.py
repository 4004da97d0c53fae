"""What every page of the frame shows around its content. Nothing is computed that a template does not ask for."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kezhou import entrances, standing
from kezhou.access.actor import MemberActor, VisitorActor
from kezhou.access.actors import actor_of
from kezhou.access.passwords import shortest
from kezhou.access.visiting import FIRST_PAGE
from kezhou.branding import Branding, branding
from kezhou.standing import Standstill
from kezhou.web import language, menu, preferences
from kezhou.web.people import initials
from kezhou.web.settings import menu as settings
from kezhou.web.settings.menu import Group
from tenants.context import Current, current_or_none

LANGUAGE_TAGS = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "en"}


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor: one object under the name `frame`."""
    return {"frame": Frame(request)}


class Frame:
    """Who is here, what they may open and how they like it. Every part is worked out when a template first asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def tenant(self) -> Current | None:
        return current_or_none()

    @cached_property
    def actor(self) -> MemberActor | None:
        return actor_of(self.request) if self.tenant is not None else None

    @property
    def visit(self) -> bool:
        """Whether an operator is looking, by the company's consent."""
        return isinstance(self.actor, VisitorActor)

    @property
    def first_page(self) -> str:
        return FIRST_PAGE if self.visit else reverse("home")

    @cached_property
    def settings_menu(self) -> tuple[Group, ...]:
        """The settings pages, for pages of other parts that stand among them; administrators only."""
        return settings.groups() if self.actor is not None and self.actor.is_admin else ()

    @cached_property
    def company(self) -> str:
        return self.tenant.name if self.tenant else ""

    @cached_property
    def brand(self) -> Branding | None:
        """How the company looks; None on the public site."""
        return branding(self.tenant) if self.tenant else None

    @property
    def seal(self) -> str:
        """What stands in the company mark where there is no logo."""
        return self.brand.seal if self.brand else "客"

    @property
    def name(self) -> str:
        return self.actor.name if self.actor else ""

    @property
    def initials(self) -> str:
        """What stands in the avatar."""
        return initials(self.name)

    @property
    def place(self) -> str:
        """The line under the name in the person menu."""
        if self.actor is None:
            return ""
        return _("%(company)s 管理员") % {"company": self.company} if self.actor.is_admin else self.company

    @property
    def password_length(self) -> int:
        """How many characters a new password needs here."""
        return shortest()

    @cached_property
    def display(self) -> dict[str, str]:
        return language.display_of(self.request)

    @cached_property
    def standstill(self) -> Standstill | None:
        """Why nothing can be changed at present, for the mark in the top bar."""
        return standing.standstill(self.actor) if self.actor else None

    @property
    def theme(self) -> str:
        """As chosen; behind a door without preferences, as the system of whoever looks."""
        return self.display["theme"] if entrances.at(self.request.path_info) is entrances.STAFF else "auto"

    @property
    def theme_now(self) -> str:
        """What is sent before any script runs: the light theme stands in for “as the system”."""
        return "dark" if self.theme == "dark" else "light"

    @property
    def density(self) -> str:
        return self.display["density"]

    @property
    def panel(self) -> str:
        return self.display["panel"]

    @property
    def language(self) -> str:
        return self.display["language"]

    @property
    def language_tag(self) -> str:
        return LANGUAGE_TAGS.get(self.language, "zh-CN")

    themes = preferences.CHOICES["theme"]
    densities = preferences.CHOICES["density"]
    languages = preferences.CHOICES["language"]

    @cached_property
    def rail(self) -> tuple[menu.Module, ...]:
        """The modules this person may use."""
        return menu.modules(self.actor) if self.actor else ()

    def module(self, active: str) -> menu.Module | None:
        """The module whose second column is shown while `active` (a module or one of its entries) is open."""
        return next((module for module in self.rail if active == module.key or active in module.keys), None)

    @property
    def phone_rail(self) -> tuple[menu.Module, ...]:
        """The first module: a phone's bar has room for one beside 首页, 新建, 搜索 and 我的."""
        return self.rail[:1]

    @cached_property
    def creatable(self) -> tuple[menu.Entry, ...]:
        """The record types that this person may create."""
        return menu.creatable(self.actor) if self.actor else ()

    @cached_property
    def settings_url(self) -> str:
        """Where 设置 leads; empty for those who may open none of it."""
        return _url("settings") if self.actor and self.actor.is_admin else ""

    @property
    def person_entries(self) -> tuple[menu.Entry, ...]:
        """Pages about oneself, as far as they are there."""
        wanted = (
            ("inbox", _("通知"), "bell"),
            ("notice-kinds", _("通知偏好"), "bell-cog"),
            ("drafts", _("我的草稿"), "notes"),
            ("my-preferences", _("偏好设置"), "adjustments-horizontal"),
            ("shortcuts", _("快捷方式"), "star"),
            ("account-rights", _("我的权限"), "shield-lock"),
            ("account-password", _("修改密码"), "lock"),
            ("account-sessions", _("登录与设备"), "devices"),
        )
        return tuple(menu.Entry(name, title, icon=icon, url=_url(name)) for name, title, icon in wanted if _url(name))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
