"""How the company arranged its menu: order, names, groups and what is hidden; kept under the shape version (UIX-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from kezhou.access.versioned import Versioned
from kezhou.records import shape
from kezhou.records.dictionaries import demand_admin
from kezhou.records.fields.reading import clean_line
from kezhou.records.spec import RecordError
from kezhou.web.models import MenuPlace
from tenants.context import current

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

MODULE, ENTRY = "module", "entry"
LONGEST = 20
KEPT = 256


class MenuError(RecordError):
    """The menu cannot be arranged like this; `str()` is a full sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was chosen for one module or entry; empty texts mean what the plugin says."""

    key: str
    within: str = ""
    title: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Places by key in the order of the menu; what is not named stands behind, in its own order."""

    modules: Mapping[str, Place] = field(default_factory=dict)
    entries: Mapping[str, Place] = field(default_factory=dict)

    def module_order(self, key: str) -> int:
        """Where a module stands among those that were put in order."""
        return _order(self.modules, key)

    def entry_order(self, key: str) -> int:
        """Where an entry stands among those that were put in order."""
        return _order(self.entries, key)


def _order(places: Mapping[str, Place], key: str) -> int:
    return list(places).index(key) if key in places else len(places)


_kept: Versioned[tuple[int, str], Arrangement] = Versioned(limit=KEPT)


def arrangement(actor: Actor) -> Arrangement:
    """The company's arrangement; no statement while the shape version stays."""
    place = current()
    return _kept.get((place.pk, place.schema), shape.version(actor), _load)


def _load() -> Arrangement:
    rows = list(MenuPlace.objects.order_by("position", "pk"))

    def of(kind: str) -> Mapping[str, Place]:
        mine = (row for row in rows if row.kind == kind)
        return MappingProxyType({row.key: Place(row.key, row.within, row.title, row.hidden) for row in mine})

    return Arrangement(of(MODULE), of(ENTRY))


def keep(actor: Actor, modules: Iterable[Place], entries: Iterable[Place]) -> None:
    """Keep this arrangement instead of the present one, for everybody at once. Raises NotAllowed, MenuError."""
    demand_admin(actor)
    rows = [
        MenuPlace(kind=kind, key=place.key, within=place.within, title=_title(place), hidden=place.hidden, position=at)
        for kind, places in ((MODULE, modules), (ENTRY, entries))
        for at, place in enumerate(places)
    ]
    with transaction.atomic():
        MenuPlace.objects.all().delete()
        MenuPlace.objects.bulk_create(rows)
        shape.bump()


def _title(place: Place) -> str:
    title = clean_line(place.title)
    if len(title) > LONGEST:
        shown = {"title": title[:30], "limit": LONGEST, "n": len(title)}
        raise MenuError(_("菜单名称“%(title)s”有 %(n)s 个字，最多 %(limit)s 个，请写短一点。") % shown)
    return title


def reset(actor: Actor) -> None:
    """Back to what the modules say. Raises NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        MenuPlace.objects.all().delete()
        shape.bump()
