"""Tables of the content that staff enter (MTG-01): venues, their rooms, and the services that can be added."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    ChoiceField,
    Link,
    MoneyField,
    MultiChoiceField,
    PhoneField,
    PicturesField,
    Record,
    record_indexes,
)


class Venue(Record):
    """A hotel or centre where meetings are held, with what a customer wants to read and see of it."""

    name = models.CharField(_("场地名称"), max_length=100)
    kind = ChoiceField(_("场地类型"), dictionary="meetings.venue_kind", blank=True)
    star = ChoiceField(_("星级"), dictionary="meetings.star", blank=True)
    province = models.CharField(_("省份"), max_length=30, blank=True)
    city = models.CharField(_("城市"), max_length=30, blank=True)
    district = models.CharField(_("区县"), max_length=30, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    supplier = Link("customers.Customer", "clear", null=True, blank=True, verbose_name=_("签约供应商"))
    contact = models.CharField(_("场地联系人"), max_length=60, blank=True)
    phone = PhoneField(_("场地电话"), blank=True)
    pictures = PicturesField(_("图片"))
    introduction = models.TextField(_("场地介绍"), blank=True)
    catering = models.TextField(_("餐饮"), blank=True)
    equipment = models.TextField(_("设备与设施"), blank=True)
    packages = models.TextField(_("会议套餐"), blank=True)
    guest_rooms = models.PositiveIntegerField(_("客房数"), null=True, blank=True)
    parking = models.PositiveIntegerField(_("车位数"), null=True, blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [*record_indexes("mvenue", twins=True)]


class Room(Record):
    """A room of a venue: how many it holds in each seating, what stands in it, what it costs."""

    name = models.CharField(_("会议室名称"), max_length=60)
    venue = Link(Venue, "cascade", verbose_name=_("场地"))
    floor = models.CharField(_("楼层"), max_length=20, blank=True)
    area = models.DecimalField(
        _("面积（平方米）"), max_digits=8, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    height = models.DecimalField(
        _("层高（米）"), max_digits=4, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    theatre = models.PositiveIntegerField(_("剧院式容量"), null=True, blank=True)
    classroom = models.PositiveIntegerField(_("课桌式容量"), null=True, blank=True)
    banquet = models.PositiveIntegerField(_("宴会式容量"), null=True, blank=True)
    u_shape = models.PositiveIntegerField(_("U 形容量"), null=True, blank=True)
    capacity = models.IntegerField(_("最多容纳"), null=True, blank=True)
    equipment = MultiChoiceField(_("设备"), dictionary="meetings.equipment", blank=True)
    half_day_price = MoneyField(_("半天价"), null=True, blank=True, minimum=0)
    full_day_price = MoneyField(_("全天价"), null=True, blank=True, minimum=0)
    pictures = PicturesField(_("图片"))
    introduction = models.TextField(_("介绍"), blank=True)

    class Meta:
        app_label = "meetings"
        indexes = [*record_indexes("mroom", twins=True)]


class Service(Record):
    """What can be ordered besides rooms: packages, catering, equipment, people, transport; each with unit, price and period."""

    name = models.CharField(_("服务名称"), max_length=100)
    kind = ChoiceField(_("服务类别"), dictionary="meetings.service_kind", blank=True)
    venue = Link(Venue, "clear", null=True, blank=True, verbose_name=_("所属场地"))
    unit = ChoiceField(_("计价单位"), dictionary="meetings.unit", blank=True)
    price = MoneyField(_("单价"), null=True, blank=True, minimum=0)
    cost = MoneyField(_("成本价"), null=True, blank=True, minimum=0)
    valid_from = models.DateField(_("价格生效日期"), null=True, blank=True)
    valid_until = models.DateField(_("价格失效日期"), null=True, blank=True)
    introduction = models.TextField(_("内容"), blank=True)
    pictures = PicturesField(_("图片"))

    class Meta:
        app_label = "meetings"
        indexes = [*record_indexes("mservice")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="meetings_service_period",
            ),
        ]


from plugins.meetings.orders import (  # noqa: E402  # Django looks for the tables of an app here
    AgendaItem,
    Booking,
    FollowUp,
    MeetingOrder,
    Participant,
    Payment,
    Preparation,
    Quote,
    ServiceLine,
)

__all__ = [
    "AgendaItem",
    "Booking",
    "FollowUp",
    "MeetingOrder",
    "Participant",
    "Payment",
    "Preparation",
    "Quote",
    "Room",
    "Service",
    "ServiceLine",
    "Venue",
]
