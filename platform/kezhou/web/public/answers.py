"""What a person types in the second step of the sign-up, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from kezhou.web.public.choices import BUSINESSES, INDUSTRIES, REGIONS, SIZES

NAME_LENGTH = 40
COMPANY_LENGTH = 120
_NEVER_KEPT = frozenset({"password"})


@dataclass(frozen=True, slots=True)
class Answers:
    """The form as typed, spaces at the ends taken off; `password` is never stored."""

    company: str = ""
    slug: str = ""
    name: str = ""
    size: str = ""
    industry: str = ""
    region: str = ""
    other: str = ""
    password: str = ""
    business: tuple[str, ...] = ()
    consent: bool = False
    another: bool = False

    @classmethod
    def read(cls, post: QueryDict) -> Answers:
        """From a submitted form; unknown choices are dropped."""
        texts = {key: post.get(key, "").strip() for key in ("company", "slug", "name", "other")}
        return cls(
            **texts,
            password=post.get("password", ""),
            size=_known(post.get("size", ""), SIZES),
            industry=_known(post.get("industry", ""), INDUSTRIES),
            region=_known(post.get("region", ""), REGIONS),
            business=tuple(key for key, _label in BUSINESSES if key in post.getlist("business")),
            consent=post.get("consent") == "1",
            another=post.get("another") == "1",
        )

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Answers:
        """What was kept of an earlier visit."""
        known = {key: value for key, value in kept.items() if key in cls.__slots__ and key not in _NEVER_KEPT}
        return replace(cls(**known), business=tuple(kept.get("business", ())))

    def with_slug(self, slug: str) -> Answers:
        """The same answers under another short name."""
        return replace(self, slug=slug.strip())

    def kept(self) -> dict[str, Any]:
        """What may be stored until the sign-up is done: everything but the password."""
        return {key: getattr(self, key) for key in self.__slots__ if key not in _NEVER_KEPT}

    def fields(self) -> list[tuple[str, str]]:
        """As hidden form fields, for trying again after a failure without typing anew."""
        plain = [
            (key, getattr(self, key))
            for key in ("company", "slug", "name", "size", "industry", "region", "other", "password")
        ]
        flags = [(key, "1") for key in ("consent", "another") if getattr(self, key)]
        return [*plain, *(("business", key) for key in self.business), *flags]


def missing(answers: Answers) -> dict[str, str]:
    """Errors that need nobody's knowledge but the form's own."""
    errors: dict[str, str] = {}
    if len(answers.company) < 2:
        errors["company"] = _("请填公司全称，至少 2 个字。")
    elif len(answers.company) > COMPANY_LENGTH:
        errors["company"] = _("公司名称最多 %(limit)d 个字。") % {"limit": COMPANY_LENGTH}
    if not answers.slug:
        errors["slug"] = _("请给公司起一个网址。")
    if not answers.name:
        errors["name"] = _("请填你的姓名。")
    elif len(answers.name) > NAME_LENGTH:
        errors["name"] = _("姓名最多 %(limit)d 个字。") % {"limit": NAME_LENGTH}
    if not answers.password:
        errors["password"] = _("请设一个登录密码。")
    if not answers.consent:
        errors["consent"] = _("请先阅读并同意服务条款与隐私说明。")
    return errors


def _known(value: str, choices: tuple[tuple[str, Any], ...]) -> str:
    return value if any(value == key for key, _label in choices) else ""
