"""What the plugin contributes."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy

from kezhou.sdk.hooks import (
    Correction,
    DictionarySeed,
    Draft,
    Grant,
    MenuItem,
    Occasion,
    Option,
    Reference,
    RoleSeed,
    Samples,
    hookimpl,
)
from kezhou.sdk.records import Actor, RecordType, TypeSpec
from plugins.customers.api import sample_names
from plugins.sales.records import OpportunityType
from plugins.sales.samples import opportunities

STAGES = (
    Option("find_prospect", "寻找准客户", "grey", aliases=("初步接触",)),
    Option("visit", "约见拜访", "blue"),
    Option("build_trust", "建立信任关系", "blue"),
    Option("mine_needs", "挖掘客户需求", "teal", aliases=("需求确认",)),
    Option("discuss_solution", "讨论解决方案", "teal", aliases=("商务谈判",)),
    Option("propose", "提出客户方案", "amber", aliases=("方案报价",)),
    Option("sign", "签约承诺", "violet"),
    Option("customer_satisfied", "客户满意", "green"),
    Option("won", "赢单", "green"),
    Option("lost", "输单", "grey"),
)
CLOSING = {"won", "lost"}
CLOSED = {*CLOSING, "customer_satisfied"}


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    return (OpportunityType,)


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    return (
        DictionarySeed("sales.stage", "销售阶段", STAGES),
        DictionarySeed(
            "sales.result",
            "机会结果",
            (
                Option("open", "进行中", "blue"),
                Option("won", "赢单", "green"),
                Option("lost", "输单", "grey"),
                Option("suspended", "搁置", "amber"),
            ),
        ),
        DictionarySeed(
            "sales.grade", "机会等级", (Option("high", "高", "violet"), Option("medium", "中"), Option("low", "低"))
        ),
        DictionarySeed(
            "sales.way",
            "销售方式",
            (
                Option("field", "现场推销"),
                Option("telephone", "电话征订"),
                Option("channel", "渠道销售"),
                Option("online_ads", "网上广告销售"),
            ),
        ),
        DictionarySeed(
            "sales.lost_reason",
            "销售失败原因",
            (
                Option("price", "价格"),
                Option("product", "产品性能"),
                Option("service", "服务"),
                Option("relation", "关系"),
                Option("competitor", "竞争对手"),
                Option("cancelled", "客户取消"),
                Option("other", "其他"),
            ),
        ),
    )


@hookimpl
def roles() -> Iterable[RoleSeed]:
    return (
        RoleSeed("sales", "销售", [Grant("sales.*", "read create update import", "own")]),
        RoleSeed("service", "客服", [Grant("sales.*", "read", "all")]),
        RoleSeed("manager", "主管", [Grant("sales.*", "read create update delete import export", "below")]),
        RoleSeed("reader", "只读", [Grant("sales.*", "read", "all")]),
    )


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    return (
        MenuItem(
            title=gettext_lazy("销售机会"),
            icon="target-arrow",
            type="sales.opportunity",
            group="customer_management",
            order=10,
        ),
    )


@hookimpl
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Correction]:
    """A closing stage closes the opportunity with its result, an open one opens it again (SAL-06)."""
    if type.key == OpportunityType.key:
        for draft in drafts:
            if "stage" in draft.changed and draft.after["stage"] in CLOSING:
                yield Correction(draft.position, "result", draft.after["stage"])
            elif _opened_again(draft):
                yield Correction(draft.position, "result", "open")


def _opened_again(draft: Draft) -> bool:
    was, now = (draft.before or {}).get("stage"), draft.after["stage"]
    return was in CLOSED and now not in CLOSED


@hookimpl
def samples(occasion: Occasion) -> Iterable[Samples]:
    names = sample_names(occasion.today)
    owners = occasion.members or (None,)
    yield Samples(
        OpportunityType.key,
        [
            {**values, "customer": Reference(f"customer-{values['customer']}"), "owner": owners[place % len(owners)]}
            for values in opportunities(list(enumerate(names)), today=occasion.today)
            for place in (int(str(values["customer"])),)
        ],
    )
