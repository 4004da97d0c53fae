"""How venues, rooms and services are shown, searched and told apart."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import SHARED, Formula, Panel, Portal, RecordType, RelatedList, Search, Timeline, View
from plugins.meetings.models import Room, Service, Venue


class VenueType(RecordType):
    """会议场地."""

    key = "meetings.venue"
    model = Venue
    title = _("会议场地")
    icon = "building"
    order = 20
    access = SHARED
    personal_data = ("contact", "phone")
    number = "CD"
    columns = "name kind star city district guest_rooms contact phone changed_at"
    quick = "name kind star city address"
    twins = (("name", "city"),)
    search = Search(
        title="name",
        codes="number phone",
        body="district address introduction catering equipment packages remark",
        related="supplier",
        category="kind",
        through="meetings.room:venue",
    )
    views = (View("kinds", _("按类型"), group="kind"),)
    portal = Portal(
        links="supplier",
        fields="name number kind star guest_rooms parking province city district address contact phone pictures introduction catering "
        "equipment packages",
        edits="guest_rooms parking contact phone introduction catering equipment packages",
    )
    layout: ClassVar = (
        Panel(_("基本资料"), "name number kind star guest_rooms parking"),
        Panel(_("地址与联系"), "province city district address supplier contact phone"),
        Panel(_("图片与介绍"), "pictures introduction"),
        Panel(_("餐饮、设备与套餐"), "catering equipment packages"),
        Panel(_("归属"), "owner department registered_on remark"),
        RelatedList("meetings.room", columns="name floor area capacity half_day_price full_day_price"),
        RelatedList("meetings.service", columns="name kind unit price"),
        Timeline(),
    )


class RoomType(RecordType):
    """会议室."""

    key = "meetings.room"
    model = Room
    title = _("会议室")
    icon = "door"
    order = 30
    access = SHARED
    personal_data = ()
    number = "HY"
    columns = "name venue floor area capacity equipment half_day_price full_day_price"
    quick = "name venue theatre classroom full_day_price"
    twins = (("name", "venue"),)
    search = Search(title="name", codes="number", body="floor introduction remark", related="venue")
    derived: ClassVar = {"capacity": Formula("MAX({theatre}, {classroom}, {banquet}, {u_shape})")}
    helps: ClassVar = {"capacity": _("四种摆台中容纳最多的一种，自动计算。")}
    views = (
        View("large", _("百人以上"), filter=["capacity", "gte", 100], sort=("-capacity",)),
        View("venues", _("按场地"), group="venue"),
    )
    layout: ClassVar = (
        Panel(_("基本资料"), "name number venue floor area height"),
        Panel(_("容量"), "theatre classroom banquet u_shape capacity"),
        Panel(_("设备与价格"), "equipment half_day_price full_day_price"),
        Panel(_("图片与介绍"), "pictures introduction"),
        Panel(_("归属"), "owner department registered_on remark"),
        RelatedList("meetings.booking", columns="order name starts_at ends_at order_state"),
        Timeline(),
    )


class ServiceType(RecordType):
    """会议服务."""

    key = "meetings.service"
    model = Service
    title = _("会议服务")
    icon = "package"
    order = 40
    access = SHARED
    personal_data = ()
    number = "FW"
    columns = "name kind venue unit price valid_from valid_until"
    quick = "name kind unit price"
    validity = "valid_from valid_until"
    search = Search(title="name", codes="number", body="introduction remark", related="venue", category="kind")
    views = (View("kinds", _("按类别"), group="kind"),)
    sentences: ClassVar = {"meetings_service_period": _("价格的失效日期不能早于生效日期。")}
    layout: ClassVar = (
        Panel(_("基本资料"), "name number kind venue unit"),
        Panel(_("价格"), "price cost valid_from valid_until"),
        Panel(_("内容"), "introduction pictures"),
        Panel(_("归属"), "owner department registered_on remark"),
        Timeline(),
    )
