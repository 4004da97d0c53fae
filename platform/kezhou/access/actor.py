"""Who acts. Every read and every write of records names one of these."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from kezhou.access.policy import Policy, full_policy

log = logging.getLogger("kezhou.access")


class Actor(Protocol):
    """A member, an API token of a member, or `System("why")`."""

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

    def policy(self, type_key: str) -> Policy:
        """The compiled policy on one type."""


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

    @property
    def key(self) -> str:
        return f"member:{self.member_pk}"

    def policy(self, type_key: str) -> Policy:
        return self.policies.policy(type_key)


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


@lru_cache(maxsize=4_096)
def _everything(type_key: str, why: str) -> Policy:
    """A pure function of two names, asked for every field of every record that the system reads."""
    return full_policy(type_key, reason=why)
