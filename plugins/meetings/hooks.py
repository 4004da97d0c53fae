"""What the plugin contributes."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.hooks import (
    Correction,
    DictionarySeed,
    Draft,
    Grant,
    MenuItem,
    Occasion,
    Refusal,
    RoleSeed,
    Samples,
    hookimpl,
)
from kezhou.sdk.records import Actor, RecordType, TypeSpec
from plugins.meetings.dictionaries import DICTIONARIES
from plugins.meetings.line_records import (
    AgendaType,
    BookingType,
    FollowUpType,
    ParticipantType,
    PaymentType,
    PreparationType,
    QuoteType,
    ServiceLineType,
)
from plugins.meetings.order_records import MeetingOrderType
from plugins.meetings.records import RoomType, ServiceType, VenueType
from plugins.meetings.samples import everything
from plugins.meetings.saving import agenda_within, service_prices


@hookimpl
def record_types() -> Iterable[type[RecordType]]:
    return (
        MeetingOrderType,
        VenueType,
        RoomType,
        ServiceType,
        BookingType,
        ServiceLineType,
        AgendaType,
        ParticipantType,
        PreparationType,
        FollowUpType,
        QuoteType,
        PaymentType,
    )


@hookimpl
def dictionaries() -> Iterable[DictionarySeed]:
    return DICTIONARIES


CONTENT = ("meetings.venue", "meetings.room", "meetings.service")


@hookimpl
def roles() -> Iterable[RoleSeed]:
    """Service enters the content and sees every order; managers settle; sales work on their own orders."""
    return (
        RoleSeed(
            "sales",
            "销售",
            [Grant("meetings.order", "read create update import", "own"), Grant("meetings.order", "settle", "none")]
            + [Grant(key, "read", "all") for key in CONTENT],
        ),
        RoleSeed(
            "service",
            "客服",
            [Grant("meetings.order", "read update", "all"), Grant("meetings.order", "settle", "none")]
            + [Grant(key, "read create update import export", "all") for key in CONTENT],
        ),
        RoleSeed(
            "manager",
            "主管",
            [Grant("meetings.order", "read create update delete import export settle", "below")]
            + [Grant(key, "read create update delete import export", "all") for key in CONTENT],
        ),
        RoleSeed("reader", "只读", [Grant("meetings.*", "read", "all")]),
    )


@hookimpl
def menu(actor: Actor) -> Iterable[MenuItem]:
    return (
        MenuItem(title=_("会议订单"), icon="presentation", type="meetings.order", order=10),
        MenuItem(
            title=_("会议室日历"),
            icon="calendar-time",
            type="meetings.booking",
            url="/r/meetings.booking/?view=rooms",
            order=15,
        ),
        MenuItem(title=_("会议场地"), icon="building", type="meetings.venue", order=20),
        MenuItem(title=_("会议室"), icon="door", type="meetings.room", order=30),
        MenuItem(title=_("会议服务"), icon="package", type="meetings.service", order=40),
    )


@hookimpl
def before_save(actor: Actor, type: TypeSpec, drafts: Sequence[Draft]) -> Iterable[Correction | Refusal]:
    if type.key == AgendaType.key:
        return agenda_within(actor, drafts)
    if type.key == ServiceLineType.key:
        return service_prices(actor, drafts)
    return ()


@hookimpl
def samples(occasion: Occasion) -> Iterable[Samples]:
    return everything(occasion)
