"""设置 › 门户 (POR-18, POR-24)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhou import records
from kezhou.access.actor import System
from kezhou.pages import ADMIN, PageRequest, page, toast
from kezhou.records.spec import FieldSpec, Level
from kezhou.web.settings import menu
from kezhou.web.settings.shell import shell
from portal import grants, look
from portal.actor import PLUGIN
from portal.door import is_open
from portal.grants import GroupGrants
from portal.kinds import kinds, label_of
from portal.models import ANY_CATEGORY, CUSTOMER, PortalUser
from portal.offers import OPERATIONS, Offer, offers, partner_types
from portal.policies import shown
from portal.settings.keeping import SettingProblem, Wish, add_group, keep, remove_group

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HERE = "/settings/portal"
TITLE = gettext_lazy("门户")
LABELS: Mapping[str, StrOrPromise] = {
    "read": gettext_lazy("查询"),
    "create": gettext_lazy("新建"),
    "update": gettext_lazy("编辑"),
    "delete": gettext_lazy("删除"),
    "export": gettext_lazy("导出"),
    "print": gettext_lazy("打印"),
}
HIDDEN_FIELDS = frozenset({"collector", "created_by", "changed_by"})

menu.register(
    menu.Entry(
        "portal",
        TITLE,
        gettext_lazy("客户和合作伙伴能看什么、做什么，门户的名称和颜色"),
        icon="door",
        url=HERE,
        group="services",
        order=20,
        words=gettext_lazy("客户 供应商 代理商 合作伙伴 自助 登录 外部"),
        plugin=PLUGIN,
    )
)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group in the list: what it is called and how many accounts it counts for."""

    pk: int
    title: str
    accounts: int
    types: int


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of a type in the editor."""

    field: FieldSpec
    level: str
    fillable: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class TypeCard:
    """One type in the editor: operations, links, classes, fields; of lines only fields."""

    offer: Offer
    operations: tuple[tuple[str, StrOrPromise, bool], ...]
    links: tuple[tuple[str, StrOrPromise, bool], ...]
    classes: tuple[tuple[str, str, bool], ...]
    position: int
    fields: tuple[FieldLine, ...]
    lines: tuple[TypeCard, ...] = ()

    @property
    def given(self) -> bool:
        """Whether anything is given of it."""
        return any(on for _key, _label, on in self.operations)

    @property
    def shown(self) -> int:
        """How many fields are shown."""
        return sum(1 for line in self.fields if line.level)


def _demand_portal() -> None:
    if not is_open():
        raise Http404(_("门户没有启用。请先在“业务模块”里打开它。"))


@page("settings/portal", access=ADMIN, methods=("GET", "POST"), name="settings-portal")
def overview(request: PageRequest) -> HttpResponse:
    """The portal's face, and the groups of partners."""
    _demand_portal()
    kept = look.look(request.actor)
    values = {"name": kept.given_name, "welcome": kept.welcome, "colour": kept.colour}
    if request.method == "GET":
        return _overview(request, values, {})
    values = {key: request.POST.get(key, "").strip() for key in values}
    try:
        look.change(**values)
    except look.LookProblem as problem:
        return _overview(request, values, {problem.field: str(problem)}, status=422)
    toast(request, _("门户的样子已保存，立即生效"))
    return HttpResponseRedirect(HERE)


def _overview(
    request: PageRequest, values: dict[str, str], errors: dict[str, str], problem: str = "", *, status: int = 200
) -> HttpResponse:
    context = shell("portal", str(TITLE)) | {
        "values": values,
        "errors": errors,
        "problem": problem,
        "look": look.look(),
        "groups": list(_groups()),
        "kinds": kinds(),
        "categories": _categories(),
    }
    return render(request, "portal/settings/overview.html", context, status=status)


def _groups() -> Iterator[GroupLine]:
    known = grants.load()
    accounts = Counter(group.pk for group in _of_accounts(known) if group is not None)
    for group in known.values():
        yield GroupLine(group.pk, title_of(group), accounts[group.pk], len(group.types))


def _of_accounts(known: grants.Groups) -> Iterator[GroupGrants | None]:
    """For each account that is on, the group that counts for it."""
    users = list(PortalUser.objects.filter(enabled=True).values_list("kind", "partner_type", "partner"))
    classes: dict[tuple[str, int], str] = {}
    for key, type in partner_types().items():
        if type.spec.class_field:
            rows = records.query(System("how many accounts a group counts for"), key)
            held = rows.filter(pk__in={pk for _kind, of, pk in users if of == key})
            classes |= {(key, pk): value for pk, value in held.values_list("pk", type.spec.class_field)}
    return (grants.counting(known, kind, classes.get((of, pk)) or ANY_CATEGORY) for kind, of, pk in users)


def title_of(group: GroupGrants) -> str:
    """客户 · VIP客户."""
    kind = label_of(group.kind)
    category = next((label for key, label in _categories() if key == group.category), group.category)
    return f"{kind} · {category}" if group.category else kind


def _categories() -> list[tuple[str, str]]:
    """The classes of the records that can be partners."""
    found = []
    for partner in partner_types().values():
        field = partner.spec.by_key.get(partner.spec.class_field)
        found += [(option.key, str(option.label)) for option in (field.options if field else ()) if option.enabled]
    return found


@page("settings/portal/groups", access=ADMIN, methods=("POST",), name="settings-portal-new")
def new(request: PageRequest) -> HttpResponse:
    """A group for a class of partner, empty or a copy."""
    _demand_portal()
    kind, category = request.POST.get("kind", ""), request.POST.get("category", "")
    known = {key for key, _label in kinds()}, {ANY_CATEGORY, *(key for key, _label in _categories())}
    copied = request.POST.get("copy_of", "")
    try:
        if kind not in known[0] or category not in known[1]:
            raise SettingProblem(_("请选择合作伙伴类别和客户分类。"))
        pk = add_group(kind, category, copy_of=int(copied) if copied.isdecimal() and len(copied) < 10 else None)
    except SettingProblem as problem:
        kept = look.look(request.actor)
        values = {"name": kept.given_name, "welcome": kept.welcome, "colour": kept.colour}
        return _overview(request, values, {}, str(problem), status=422)
    toast(request, _("已建好，接下来选开放哪些内容"))
    return HttpResponseRedirect(f"{HERE}/{pk}")


@page("settings/portal/<int:pk>", access=ADMIN, methods=("GET", "POST"), name="settings-portal-group")
def group(request: PageRequest, pk: int) -> HttpResponse:
    """What one group is given, type by type."""
    _demand_portal()
    found = _group(pk)
    problem = ""
    if request.method == "POST":
        try:
            keep(pk, wishes(request.POST))
        except SettingProblem as error:
            problem = str(error)
        else:
            toast(request, _("已保存，立即生效，已登录的也一样"))
            return HttpResponseRedirect(f"{HERE}/{pk}")
    cards = list(_cards(found, request.POST if problem else None))
    context = shell("portal", str(TITLE), title_of(found)) | {
        "group": found,
        "group_title": title_of(found),
        "cards": cards,
        "problem": problem,
    }
    return render(request, "portal/settings/group.html", context, status=422 if problem else 200)


@page("settings/portal/<int:pk>/delete", access=ADMIN, methods=("POST",), name="settings-portal-remove")
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Its partners fall back to what is set for all of their kind."""
    _demand_portal()
    title = title_of(_group(pk))
    remove_group(pk)
    toast(request, _("已删除“%(title)s”的设置") % {"title": title})
    return HttpResponseRedirect(HERE)


def _group(pk: int) -> GroupGrants:
    found = next((group for group in grants.load().values() if group.pk == pk), None)
    if found is None:
        raise Http404(_("没有这一类的设置，它可能刚被删除。"))
    return found


def wishes(data: QueryDict) -> dict[str, Wish]:
    """What was posted: `o:type` operations, `l:type` link, `c:type` classes, `p:type` place, `f:type:field` level."""
    found: dict[str, dict[str, Any]] = {}
    for name in data:
        part, _colon, rest = name.partition(":")
        key, _second, field = rest.partition(":")
        value = data.get(name, "")
        if not key or not isinstance(value, str):
            continue
        held = found.setdefault(key, {"fields": {}})
        if part == "o":
            held["operations"] = frozenset(data.getlist(name))
        elif part == "l":
            held["link"] = value
        elif part == "c":
            held["classes"] = tuple(filter(None, data.getlist(name)))
        elif part == "p" and value.isdecimal() and len(value) < 6:
            held["position"] = int(value)
        elif part == "f":
            held["fields"][field] = value
    return {key: Wish(**held) for key, held in found.items()}


def _cards(found: GroupGrants, posted: QueryDict | None) -> Iterator[TypeCard]:
    every = offers()
    wanted = wishes(posted) if posted is not None else {}
    inside: dict[str, list[Offer]] = {}
    for offer in every.values():
        if offer.spec.parent is not None:
            inside.setdefault(offer.spec.parent.type, []).append(offer)
    for key, offer in every.items():
        if offer.spec.parent is None:
            lines = tuple(_card(each, found, wanted.get(each.spec.key)) for each in inside.get(key, ()))
            yield _card(offer, found, wanted.get(key), lines)


def _card(offer: Offer, found: GroupGrants, wish: Wish | None, lines: tuple[TypeCard, ...] = ()) -> TypeCard:
    spec, granted = offer.spec, found.types.get(offer.spec.key)
    held = wish.operations if wish else granted.operations if granted else frozenset()
    link = wish.link if wish else granted.link if granted else _first_link(offer, found.kind)
    classes = wish.classes if wish else granted.classes if granted else ()
    levels = (wish.fields or {}) if wish else {key: level.value for key, level in shown(offer, found).items()}
    field = spec.by_key.get(spec.class_field)
    return TypeCard(
        offer=offer,
        operations=tuple((name, LABELS[name], name in held) for name in OPERATIONS if _possible(offer, name)),
        links=tuple((key, spec.by_key[key].label, key == link) for key in offer.links),
        classes=tuple((o.key, str(o.label), o.key in classes) for o in (field.options if field else ()) if o.enabled),
        position=wish.position if wish else granted.position if granted else spec.order,
        fields=tuple(_field(offer, each, levels) for each in offer.fields if each.key not in HIDDEN_FIELDS),
        lines=lines,
    )


def _first_link(offer: Offer, kind: str) -> str:
    """What is offered at first: customers by the first link, other partners by the last."""
    return "" if not offer.links else offer.links[0] if kind == CUSTOMER else offer.links[-1]


def _possible(offer: Offer, operation: str) -> bool:
    if operation == "create" and not offer.links and not offer.shared:
        return False  # a partner's own record is there already
    return operation == "print" or operation in offer.spec.operations


def _field(offer: Offer, field: FieldSpec, levels: Mapping[str, str]) -> FieldLine:
    fixed = field.key == offer.spec.title_field and offer.spec.parent is None
    level = levels.get(field.key, "") or (Level.READ.value if fixed else "")
    return FieldLine(field, level, offer.fillable(field), fixed)
