"""Every hook of Kezhou, answered once."""

from collections.abc import Iterable, Sequence
from typing import Any

from kezhou.sdk.hooks import (
    Correction,
    DictionarySeed,
    Draft,
    Entitlement,
    Extension,
    Grant,
    MenuItem,
    Note,
    Occasion,
    Option,
    Refusal,
    RoleSeed,
    Samples,
    hookimpl,
)
from kezhou.sdk.records import Actor, RecordType, TypeSpec
from tests.testplugin.quotes import QuoteLineType, QuoteType
from tests.testplugin.records import (
    AreaType,
    BillType,
    NoteType,
    OrderLineType,
    OrderType,
    ProjectType,
    TariffType,
    TaskType,
)


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    return (
        ProjectType,
        TaskType,
        NoteType,
        BillType,
        OrderType,
        OrderLineType,
        AreaType,
        TariffType,
        QuoteType,
        QuoteLineType,
    )


@hookimpl
def extensions() -> Iterable[Extension]:
    """A note on the plugin's own projects."""
    return (Extension(type="testplugin.project", notes=lambda actor, entry: (Note("测试", entry.title),)),)


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    return (
        DictionarySeed(
            "testplugin.kind", "项目类别", [Option("big", "大项目", "red"), Option("small", "小项目", "teal", ("小",))]
        ),
        DictionarySeed(
            "testplugin.state",
            "订单状态",
            [
                Option("draft", "草稿"),
                Option("sent", "已发出", "blue"),
                Option("approved", "已批准", "teal"),
                Option("done", "已完成", "green"),
                Option("cancelled", "已取消", "grey"),
            ],
        ),
        DictionarySeed(
            "testplugin.branch",
            "价目类别",
            [
                Option("air", "航空"),
                Option("stay", "住宿"),
                Option("ticket", "机票", parent="air"),
                Option("room", "客房", parent="stay"),
                Option("other", "其他", parent="stay"),
            ],
        ),
        DictionarySeed(
            "testplugin.tag", "项目标签", [Option("air", "机票"), Option("hotel", "酒店"), Option("car", "用车")]
        ),
    )


@hookimpl
def roles() -> Iterable[RoleSeed]:
    return (
        RoleSeed("sales", "销售", [Grant("testplugin.*", "read create update delete import", "own")]),
        RoleSeed("reader", "只读", [Grant("testplugin.*", "read", "all")]),
    )


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    return (MenuItem(title="测试项目", icon="flask", type="testplugin.project", order=900),)


@hookimpl
def samples(occasion: Occasion) -> Iterable[Samples]:
    return (Samples("testplugin.project", [{"name": "样例项目", "starts_on": occasion.today}]),)


@hookimpl
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Correction | Refusal]:
    if type.key != "testplugin.project":
        return ()
    answers: list[Correction | Refusal] = []
    for draft in drafts:
        if draft.after["name"] == "禁止":
            answers.append(Refusal(draft.position, "项目不能叫“禁止”，请换一个名称。", "name"))
        if draft.after["description"] == "改我":
            answers.append(Correction(draft.position, "description", "已由插件改写"))
    return answers


@hookimpl
def entitlement(key: str, wanted: int) -> Entitlement | None:
    if key == "testplugin.refused":
        return Entitlement(allowed=False, limit=0, used=0, sentence="测试不允许。")
    return None


@hookimpl
def search(actor: Actor, request: Any) -> Any:
    return None


@hookimpl
def explain_hit(actor: Actor, request: Any, type: str, pk: int) -> Any:
    return None


@hookimpl
def cut_text(actor: Actor, text: str) -> Any:
    return None
