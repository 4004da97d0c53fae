"""Making and changing record types of the tenant's own: definitions, never tables.

Every change raises the shape version in its transaction and so is in force with the next request, in every reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou.access import roles
from kezhou.access.entitlements import demand
from kezhou.access.policy import OPERATIONS, Scope
from kezhou.access.rights import RoleRights
from kezhou.records import shape
from kezhou.records.catalogue import shaped
from kezhou.records.dictionaries import demand_admin
from kezhou.records.own.compiling import BY_NUMBER, NAME
from kezhou.records.own.models import OwnType
from kezhou.records.rows import run_one
from kezhou.records.spec import RecordError, TypeSpec
from kezhou.records.sql import Sql
from kezhou.records.types import Access

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

LONGEST_TITLE = 20
LONGEST_PREFIX = 8
EVERYTHING = tuple(operation.value for operation in OPERATIONS)
CHOSEN = frozenset({"columns", "quick", "twins", "sort", "totals"})
NOBODY, EVERYBODY = "nobody", "everybody"


class OwnTypeError(RecordError):
    """A record type cannot be made or changed like this; `field` is the form's input that the sentence belongs to."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


def gone() -> OwnTypeError:
    """The error for a definition that is not there any more."""
    return OwnTypeError(_("这个自定义对象已经不在了，请回到列表看看。"))


@dataclass(frozen=True, slots=True)
class Basics:
    """What the short dialog asks for, and the first tab changes.

    `section` is the module (a plugin's name) in whose menu it stands, "" for a place of its own in the rail; `titled_by` says
    whether records have a name (called `name_label`) or are called by their number; `person` that names are people's.
    """

    title: str
    icon: str = "file-text"
    section: str = ""
    position: int = 100
    access: str = Access.OWNED.value
    name_label: str = ""
    titled_by: str = NAME
    person: bool = False


def pk_of(key: str) -> int:
    """The definition's key from a type key. Raises OwnTypeError for any other type."""
    head, _dot, rest = key.partition(".t_")
    if head != "own" or not (rest.isascii() and rest.isdigit()) or len(rest) > 18:
        raise OwnTypeError(_("“%(type)s”不是自定义对象。") % {"type": key})
    return int(rest)


def make(actor: Actor, basics: Basics, *, grants: str = NOBODY) -> str:
    """Make a record type; it is there at once. Answers its key.

    `grants` says what roles may do with it: as they may with another type (its key), "everybody" everything, or "nobody" but
    administrators. Raises OwnTypeError, NotEntitled (the plan's limit) and NotAllowed.
    """
    demand_admin(actor)
    checked = _checked(actor, basics)
    if grants not in {NOBODY, EVERYBODY} and grants not in shaped(actor).types:
        raise OwnTypeError(_("请选择谁可以使用。"), field="grants")
    with transaction.atomic():
        one_at_a_time()
        demand("own_types")
        _demand_free(checked["title"])
        row = OwnType.objects.create(**checked, operations=list(EVERYTHING))
        _grant(row.key, grants)
        shape.bump()
    return row.key


def make_lines(actor: Actor, parent: str, title: str) -> str:
    """Make line items of an own type: a type of rows that are edited inside its records. Answers the line type's key."""
    demand_admin(actor)
    title = _title(title)
    with transaction.atomic():
        above = locked(parent)
        if above.parent_id is not None:
            raise OwnTypeError(_("明细里不能再有明细。"), field="title")
        if OwnType.objects.filter(parent=above, title=title, removed=False).exists():
            raise OwnTypeError(
                _("“%(type)s”已有名为“%(title)s”的明细。") % {"type": above.title, "title": title}, field="title"
            )
        row = OwnType.objects.create(
            title=title, icon=above.icon, parent=above, access=Access.PARENT.value, name_label=_("名称"), titled_by=NAME,
            operations=list(EVERYTHING), position=OwnType.objects.filter(parent=above).count() * 10,
        )  # fmt: skip
        shape.bump()
    return row.key


def one_at_a_time() -> None:
    """Definitions queue up, so that two made at once cannot pass the plan's limit together, or take one name twice."""
    run_one(Sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 11))::text"))


def locked(key: str, *, version: int | None = None) -> OwnType:
    """The definition under lock. Raises OwnTypeError when it is gone, or was changed since `version`."""
    row = OwnType.objects.select_for_update(of=("self",)).filter(pk=pk_of(key)).first()
    if row is None:
        raise gone()
    if version is not None and version != row.version:
        raise OwnTypeError(
            _("另一位管理员刚改过“%(title)s”，你的修改还没有保存。下面是现在的样子和你填的内容，确认后再保存一次。")
            % {"title": row.title}
        )
    return row


def _checked(actor: Actor, basics: Basics) -> dict[str, Any]:
    access, titled = basics.access, basics.titled_by
    if access not in {Access.OWNED.value, Access.SHARED.value}:
        raise OwnTypeError(_("请选择记录归谁：有负责人，或全公司共用。"), field="access")
    if titled not in {NAME, BY_NUMBER}:
        raise OwnTypeError(_("请选择用名称还是用编号称呼记录。"), field="titled_by")
    label = basics.name_label.strip() or _("名称")
    if len(label) > LONGEST_TITLE:
        raise OwnTypeError(_("名称那一栏的叫法最多 %(limit)s 个字。") % {"limit": LONGEST_TITLE}, field="name_label")
    if basics.section and basics.section not in {spec.plugin for spec in shaped(actor).types.values()}:
        raise OwnTypeError(
            _("没有“%(section)s”这个模块，或者它没有启用。") % {"section": basics.section}, field="section"
        )
    if not basics.icon.replace("-", "").isalnum() or len(basics.icon) > 40:
        raise OwnTypeError(_("请从图标里选一个。"), field="icon")
    return {
        "title": _title(basics.title),
        "icon": basics.icon,
        "section": basics.section,
        "position": min(max(basics.position, 0), 10_000),
        "access": access,
        "name_label": label,
        "titled_by": titled,
        "person": basics.person and titled == NAME,
    }


def _title(title: str) -> str:
    from kezhou.records.fields.reading import clean_line, narrow  # field types need Django's models

    title = narrow(clean_line(title))
    if not title or len(title) > LONGEST_TITLE:
        raise OwnTypeError(_("名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_TITLE}, field="title")
    return title


def _demand_free(title: str, *, but: int = 0) -> None:
    taken = OwnType.objects.filter(title=title, removed=False, parent=None).exclude(pk=but).exists()
    if taken:
        raise OwnTypeError(_("已有名为“%(title)s”的自定义对象，请换一个名称。") % {"title": title}, field="title")


def _grant(key: str, like: str) -> None:
    """Write what every role may do with the new type, nothing included: a role's word on all types must not reach it."""
    for role in roles.roles():
        if role.is_admin:
            continue
        rights = RoleRights(role.key, role.name, cells=role.cells)
        held = {} if like == NOBODY else rights.cells_for(like)
        cells = {name: held.get(name, Scope.NONE).value for name in EVERYTHING}
        if like == EVERYBODY:
            cells = dict.fromkeys(EVERYTHING, Scope.ALL.value)
        roles.set_cells(role.pk, {key: cells})


# -- changing ----------------------------------------------------------------------------------------------------------


def change(actor: Actor, key: str, basics: Basics, *, version: int | None = None) -> None:
    """Write the basics anew. Raises OwnTypeError also when another administrator was quicker."""
    demand_admin(actor)
    checked = _checked(actor, basics)
    with transaction.atomic():
        one_at_a_time()
        row = locked(key, version=version)
        _demand_free(checked["title"], but=row.pk)
        _write(row, checked)


def change_lines(actor: Actor, key: str, title: str, *, name_label: str = "", totals: Sequence[str] = ()) -> None:
    """Rename line items, and say which of their columns are summed."""
    demand_admin(actor)
    with transaction.atomic():
        row = locked(key)
        spec = type_spec(actor, key)
        summed = _fields(spec, totals, place=_("合计"), kinds=lambda name: spec.by_key[name].numeric)
        label = name_label.strip()[:LONGEST_TITLE] or row.name_label
        _write(row, {"title": _title(title), "name_label": label, "choices": {**row.choices, "totals": list(summed)}})


def choose(actor: Actor, key: str, *, version: int | None = None, **chosen: Sequence[str]) -> None:
    """Choose among the fields of a type: `columns` and `sort` of its list, `quick` form, `twins`.

    Raises OwnTypeError for a field that is not there (any more).
    """
    demand_admin(actor)
    if unknown := set(chosen) - CHOSEN:
        raise TypeError(f"A type has no choice named {min(unknown)}; there are {', '.join(sorted(CHOSEN))}.")
    with transaction.atomic():
        row = locked(key, version=version)
        spec = type_spec(actor, key)
        found = {name: list(_fields(spec, keys, place=_PLACES[name])) for name, keys in chosen.items()}
        _write(row, {"choices": {**row.choices, **found}})


_PLACES: Mapping[str, Any] = {
    "columns": gettext_lazy("列表列"),
    "quick": gettext_lazy("快速新建"),
    "twins": gettext_lazy("查重"),
    "sort": gettext_lazy("排序"),
    "totals": gettext_lazy("合计"),
}


def _fields(spec: TypeSpec, keys: Iterable[str], *, place: str, kinds: Any = None) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(keys))
    for key in found:
        name = key.lstrip("-")
        if name not in spec.by_key or (kinds is not None and not kinds(name)):
            raise OwnTypeError(
                _("“%(place)s”里选的字段“%(field)s”现在不能用，可能刚被停用。请刷新后重选。")
                % {"place": place, "field": name}
            )
    return found


def set_number(actor: Actor, key: str, prefix: str, titled_by: str, *, version: int | None = None) -> None:
    """The prefix of new numbers ("" gives none), and whether records are called by their name or their number."""
    demand_admin(actor)
    prefix = prefix.strip().upper()
    if len(prefix) > LONGEST_PREFIX or not all(sign.isalnum() or sign in "-_/." for sign in prefix):
        raise OwnTypeError(
            _("编号前缀最多 %(limit)s 位，只用字母、数字和 - _ / .。") % {"limit": LONGEST_PREFIX}, field="prefix"
        )
    if titled_by == BY_NUMBER and not prefix:
        raise OwnTypeError(_("用编号称呼记录时，编号要有前缀，例如 SB。"), field="prefix")
    with transaction.atomic():
        row = locked(key, version=version)
        _write(row, {"prefix": prefix, "titled_by": titled_by if titled_by in {NAME, BY_NUMBER} else row.titled_by})


def set_operations(actor: Actor, key: str, operations: Iterable[str], *, version: int | None = None) -> None:
    """What anybody may do with the type at all; reading always stays."""
    demand_admin(actor)
    kept = [name for name in EVERYTHING if name == "read" or name in set(operations)]
    with transaction.atomic():
        _write(locked(key, version=version), {"operations": kept})


def remove(actor: Actor, key: str) -> None:
    """Hide a type with everything in it; nothing is lost, `restore` brings it back."""
    _set_removed(actor, key, True)


def restore(actor: Actor, key: str) -> None:
    """Bring a hidden type back, if the plan's limit allows and its name is free."""
    _set_removed(actor, key, False)


def _set_removed(actor: Actor, key: str, removed: bool) -> None:
    demand_admin(actor)
    with transaction.atomic():
        one_at_a_time()
        row = locked(key)
        if row.removed and not removed and row.parent_id is None:
            demand("own_types")
            _demand_free(row.title, but=row.pk)
        _write(row, {"removed": removed})


def _write(row: OwnType, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    shape.bump()


def write_states(row: OwnType, states: Mapping[str, Any]) -> None:
    """For `kezhou.records.own.stating` only: keep checked states."""
    _write(row, {"states": dict(states)})


def type_spec(actor: Actor, key: str) -> TypeSpec:
    """The own type as it is now. Raises OwnTypeError when it is hidden or gone."""
    spec = shaped(shape.unversioned(actor)).types.get(key)
    if spec is None or spec.discriminator is None:
        raise OwnTypeError(_("这个自定义对象已经停用或不在了，请回到列表看看。"))
    return spec
