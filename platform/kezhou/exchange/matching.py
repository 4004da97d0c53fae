"""Which column is which field: by name, by other names, by the last import, by what the values are, by likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from kezhou.access.actor import Actor
from kezhou.exchange.tables import Profile
from kezhou.records import fields_for, types
from kezhou.records.fields.reading import folded
from kezhou.records.spec import FieldSpec, Purpose, TypeSpec

_ALIKE = 0.6
_VALUES_ALIKE = 0.7
PEOPLE = "core.member"

# Other names by which lists call the same thing; the key is the label of a field.
ALIASES: Mapping[str, Sequence[str]] = {
    "客户名称": ("公司名称", "单位名称", "企业名称", "单位全称", "公司全称", "客户全称", "客户", "公司"),
    "姓名": ("联系人", "联系人姓名", "名字"),
    "机会名称": ("商机名称", "项目名称", "商机", "销售机会"),
    "统一社会信用代码": ("税号", "信用代码", "社会信用代码", "纳税人识别号"),
    "负责人": ("业务员", "销售", "销售人员", "客户经理", "归属人", "跟进人", "所有人"),
    "备注": ("说明", "附注", "备考"),
    "手机": ("手机号", "手机号码", "移动电话", "联系手机"),
    "电话": ("联系电话", "座机", "固定电话", "电话号码", "公司电话"),
    "电子邮件": ("邮箱", "电子邮箱", "email", "e-mail", "mail", "邮件"),
    "地址": ("联系地址", "公司地址", "详细地址", "通讯地址"),
    "职位": ("职务", "岗位"),
    "生日": ("出生日期",),
    "登记日期": ("录入日期", "建档日期"),
    "预计金额": ("商机金额", "机会金额", "金额"),
    "预计签约日期": ("预计成交日期", "预计结单日期"),
    "阶段": ("商机阶段", "销售阶段"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """One column's field, how sure it is (exact, similar, history), and why in a few words."""

    field: str
    confidence: str
    why: str


def importable(actor: Actor) -> dict[str, TypeSpec]:
    """The record types that the actor may import, in menu order."""
    found = [spec for spec in types(actor).values() if "import" in spec.operations]
    return {spec.key: spec for spec in sorted(found, key=lambda spec: (spec.hidden, spec.order, spec.key))}


def names_of(actor: Actor, spec: TypeSpec) -> dict[str, tuple[str, str]]:
    """Folded name → (field key, why) for every name a column of this type may have; labels win over other names."""
    found: dict[str, tuple[str, str]] = {}
    fields = fields_for(spec, actor, Purpose.IMPORT)
    for field in fields:
        found.setdefault(folded(str(field.label)), (field.key, _("同名")))
    for field in fields:
        found.setdefault(folded(field.key), (field.key, _("字段代码")))
        for name in _link_names(actor, spec, field):
            found.setdefault(folded(name), (field.key, _("按名称关联")))
    for field in fields:
        for name in ALIASES.get(str(field.label), ()):
            found.setdefault(
                folded(name), (field.key, _("同义，“%(name)s”认作“%(label)s”") % {"name": name, "label": field.label})
            )
    return found


def parent_title(above: TypeSpec) -> str:
    """How the column of a sheet of lines is called that names the record which they belong to."""
    return f"{above.title}{above.by_key[naming_field(above)].label}"


def naming_field(spec: TypeSpec) -> str:
    """By which field a sheet of lines names records of this type: the number where they have one, else the title."""
    return "number" if spec.declaration.number or spec.numbering else spec.title_field


def _link_names(actor: Actor, spec: TypeSpec, field: FieldSpec) -> list[str]:
    """What a column that names a linked record may be called: the linked type's title field, or the label and 名称."""
    target = types(actor).get(field.target or "")
    if target is None:
        return []
    if field.target == PEOPLE:
        return [f"{field.label}姓名"]
    title = target.by_key.get(target.title_field)
    if spec.parent and spec.parent.key and field.key == spec.parent.link:
        return [parent_title(target), f"{field.label}编号", f"{field.label}名称"]
    return [f"{field.label}名称", *([str(title.label)] if title is not None and _main(field, target) else [])]


def _main(field: FieldSpec, target: TypeSpec) -> bool:
    return str(field.label) == str(target.title)


def known_names(actor: Actor) -> frozenset[str]:
    """Every folded name that a column of any importable type may have: by these the header row is found."""
    return frozenset(name for spec in importable(actor).values() for name in names_of(actor, spec))


def guess_type(actor: Actor, title: str, titles: Sequence[str], wanted: str | None) -> str | None:
    """The type of a sheet: whose fields the columns name, the sheet's own title first; `wanted` wins a draw.

    None when not one required field would be filled.
    """
    best, chosen = 0.0, None
    for key, spec in importable(actor).items():
        names = names_of(actor, spec)
        hit = {names[folded(name)][0] for name in titles if folded(name) in names}
        required = {f.key for f in fields_for(spec, actor, Purpose.IMPORT) if f.required and f.default in (None, "")}
        if not hit or not required <= hit:
            continue
        score = len(hit) + (100 if folded(str(spec.title)) == folded(title) else 0) + (0.5 if key == wanted else 0)
        if spec.title_field in names and names[spec.title_field][0] in hit:
            score += 1
        if score > best:
            best, chosen = score, key
    return chosen


def match_columns(actor: Actor, spec: TypeSpec, found: Profile, history: Mapping[str, str]) -> dict[int, Match]:
    """The field of each column; no field twice. `history` maps folded titles to fields of the last import of the type."""
    fields = {field.key: field for field in fields_for(spec, actor, Purpose.IMPORT)}
    names = names_of(actor, spec)
    matches: dict[int, Match] = {}
    free = dict(fields)

    def take(place: int, key: str, confidence: str, why: str) -> None:
        matches[place] = Match(key, confidence, why)
        del free[key]

    for place, title in enumerate(found.titles):
        key, why = names.get(folded(title), ("", ""))
        if key in free:
            take(place, key, "exact", why)
    for place, title in enumerate(found.titles):
        if place not in matches and (key := history.get(folded(title), "")) in free:
            take(place, key, "history", _("沿用上次的对应"))
    for place, title in enumerate(found.titles):
        if place not in matches and title and (best := _by_values(title, found.seen[place], free)):
            take(place, best, "similar", _("值与“%(label)s”的选项相符") % {"label": fields[best].label})
    for place, title in enumerate(found.titles):
        if place not in matches and title and (best := _by_likeness(title, free)):
            take(place, best, "similar", _("名称与“%(label)s”相近，请看一眼") % {"label": fields[best].label})
    return matches


def _by_values(title: str, seen: Mapping[str, int] | None, free: Mapping[str, FieldSpec]) -> str | None:
    """The choice field whose options the column's values are, most rows first, the more alike name in a draw."""
    rows = sum(count for text, count in (seen or {}).items() if text)
    if not seen or not rows:
        return None
    best: tuple[float, float, str] | None = None
    for key, field in free.items():
        if not field.options:
            continue
        known = {folded(name) for option in field.options for name in (str(option.label), option.key, *option.aliases)}
        hit = sum(count for text, count in seen.items() if text and folded(text) in known) / rows
        candidate = (round(hit, 2), _likeness(title, str(field.label)), key)
        if hit >= _VALUES_ALIKE and candidate[1] > 0 and (best is None or candidate > best):
            best = candidate
    return best[2] if best else None


def _by_likeness(title: str, free: Mapping[str, FieldSpec]) -> str | None:
    scored = [(_likeness(title, str(field.label)), key) for key, field in free.items() if not field.options]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, folded(one), folded(other)).ratio()
