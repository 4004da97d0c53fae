"""Who acts. Every read and every write of records names one of these."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

from kezhou.access.policy import Policy, full_policy

log = logging.getLogger("kezhou.access")

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Actor(Protocol):
    """A member, an API token of a member, somebody of a customer or partner in the portal, or `System("why")`."""

    @property
    def key(self) -> str:
        """Stable text for caches and logs, such as `member:7`."""

    @property
    def member_pk(self) -> int | None:
        """The member behind it; None for the system."""

    @property
    def department_pk(self) -> int | None:
        """The member's main department."""

    @property
    def name(self) -> str:
        """As shown in histories."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Keys of the roles held."""

    @property
    def is_admin(self) -> bool:
        """True when settings of the company may be changed."""

    @property
    def door(self) -> str:
        """Where the pages begin that this actor opens: "" for the company's own people, /portal for others."""

    def policy(self, type_key: str) -> Policy:
        """The compiled policy on one type."""

    def begins(self, type_key: str) -> Mapping[str, Any]:
        """What new records of this actor hold whatever is given, by field: whose they are and where they came from, for actors
        who are no members. The actor need not see what is named here."""


class Policies(Protocol):
    """Compiled policies by type key (`kezhou.access.rights.Rights`)."""

    def policy(self, type_key: str) -> Policy:
        """The compiled policy on one type."""


@dataclass(frozen=True, slots=True)
class MemberActor:
    """A member of the company as of one request: made by `kezhou.access.actors`, never by hand outside tests."""

    member_pk: int
    account_pk: int | None
    name: str
    department_pk: int | None
    policies: Policies
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    departments_below: frozenset[int] = frozenset()
    departments_headed: frozenset[int] = frozenset()
    shape_version: int = 0
    via: str = "session"
    door: str = ""

    @property
    def key(self) -> str:
        return f"member:{self.member_pk}"

    def policy(self, type_key: str) -> Policy:
        return self.policies.policy(type_key)

    def begins(self, type_key: str) -> Mapping[str, Any]:
        return NOTHING


@dataclass(frozen=True, slots=True)
class VisitorActor(MemberActor):
    """An operator who looks into the company by its consent (`kezhou.access.visiting`): no member, and nobody who may change anything."""

    consent: int = 0

    @property
    def key(self) -> str:
        return f"visitor:{self.consent}"


@dataclass(frozen=True, slots=True)
class System:
    """The one all-seeing actor. The reason is logged; who may write this class is listed by a lint.

    `member_pk` is the member on whose behalf the system works, where there is one (an import that a person started).
    """

    why: str
    member_pk: int | None = None
    department_pk: int | None = None
    roles: tuple[str, ...] = ()
    is_admin: bool = True
    door: str = ""

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ValueError("System needs a reason, such as System('nightly dedupe').")
        log.info("system actor: %s", self.why)

    @property
    def key(self) -> str:
        return "system"

    @property
    def name(self) -> str:
        return "系统"

    def policy(self, type_key: str) -> Policy:
        return _everything(type_key, self.why)

    def begins(self, type_key: str) -> Mapping[str, Any]:
        return NOTHING


@lru_cache(maxsize=4_096)
def _everything(type_key: str, why: str) -> Policy:
    """A pure function of two names, asked for every field of every record that the system reads."""
    return full_policy(type_key, reason=why)
