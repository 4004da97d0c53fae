"""Believable venues of Chengdu and twelve orders in all states; every date counts from today, and no room is taken twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from kezhou.sdk.hooks import Occasion, Reference, Samples

ORDER = "meetings.order"

VENUES: Sequence[Mapping[str, Any]] = (
    {
        "name": "锦江宾馆", "kind": "hotel", "star": "five", "district": "锦江区", "address": "人民南路二段 80 号",
        "contact": "罗婷", "phone": "028-61880001", "guest_rooms": 480, "parking": 260,
        "introduction": "市中心园林式酒店，地铁一号线直达，适合年会和发布会。",
        "catering": "中式自助午餐 128 元/人起，宴会 3,680 元/桌起，茶歇 48 元/人；可做清真餐。",
        "equipment": "LED 大屏、同声传译、千兆专线，现场技术员两名。",
        "packages": "全天会议套餐 398 元/人：会场、两次茶歇、自助午餐、纸笔矿泉水。",
    },
    {
        "name": "天府国际会议中心", "kind": "centre", "star": "none", "district": "天府新区", "address": "西博城二路 88 号",
        "contact": "高明", "phone": "028-61880002", "guest_rooms": 0, "parking": 1800,
        "introduction": "天府新区大型会议中心，可分隔的宴会厅与十余间分会场。",
        "catering": "承接 2,000 人宴会，需提前七天确认人数。", "equipment": "舞台、灯光、线阵列音响、环幕。",
        "packages": "千人大会套餐按人 268 元，含搭建协调。",
    },
    {
        "name": "青城山度假村", "kind": "resort", "star": "four", "district": "都江堰市", "address": "青城大道 16 号",
        "contact": "邓秀兰", "phone": "028-61880003", "guest_rooms": 210, "parking": 150,
        "introduction": "山脚度假村，会议与团建结合，距市区一小时车程。",
        "catering": "山野风味桌餐 1,280 元/桌起，可安排篝火烧烤。", "equipment": "投影、音响、户外草坪。",
        "packages": "两天一夜团建套餐 880 元/人，含住宿四餐与会场。",
    },
    {
        "name": "望江商务酒店", "kind": "hotel", "star": "four", "district": "武侯区", "address": "科华北路 62 号",
        "contact": "吕凯", "phone": "028-61880004", "guest_rooms": 160, "parking": 90,
        "introduction": "川大旁的商务酒店，中小型培训和董事会首选。",
        "catering": "自助午餐 88 元/人，茶歇 38 元/人。", "equipment": "投影、白板、视频会议。",
        "packages": "培训套餐 258 元/人天。",
    },
)  # fmt: skip

ROOMS = (
    (0, "锦江厅", "二层", 680, 600, 360, 480, 0, 18_000, 30_000, ("led", "sound", "microphone", "stage", "light")),
    (0, "芙蓉厅", "二层", 220, 180, 110, 140, 60, 6_000, 10_000, ("led", "sound", "microphone")),
    (0, "浣花厅", "三层", 90, 70, 45, 50, 30, 2_600, 4_600, ("projector", "whiteboard", "video")),
    (1, "天府大宴会厅", "一层", 2_400, 2_200, 1_300, 1_600, 0, 68_000, 120_000, ("led", "stage", "light", "sound")),
    (1, "西岭厅", "二层", 420, 380, 220, 280, 0, 12_000, 20_000, ("led", "interpretation", "sound")),
    (2, "问道堂", "一层", 300, 260, 150, 200, 70, 5_800, 9_800, ("projector", "sound", "microphone")),
    (2, "听泉阁", "二层", 80, 50, 30, 40, 24, 1_800, 3_000, ("projector", "whiteboard")),
    (3, "川大厅", "三层", 160, 120, 80, 100, 40, 3_200, 5_600, ("projector", "sound", "network")),
    (3, "董事会议室", "五层", 60, 0, 0, 0, 22, 1_600, 2_800, ("video", "network", "whiteboard")),
)

SERVICES = (
    ("自助午餐", "catering", "person", 128, 92), ("茶歇", "catering", "person", 48, 30),
    ("欢迎晚宴", "catering", "table", 3_680, 2_700), ("标准间（含早）", "accommodation", "room_night", 458, 380),
    ("同声传译设备", "equipment", "day", 4_500, 3_200), ("摄影摄像", "staff", "day", 2_800, 2_000),
    ("会议手册与胸牌", "print", "set", 26, 14), ("45 座接送大巴", "transport", "vehicle_day", 1_600, 1_250),
    ("全天会议套餐", "package", "person_day", 398, 310), ("两天一夜团建套餐", "package", "person", 880, 700),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meeting:
    """One order: the customer by number, days from today, rooms by number, services with quantity, and how far it has come."""

    name: str
    kind: str
    customer: int
    begins: int
    days: int
    people: int
    rooms: tuple[int, ...]
    services: tuple[tuple[int, int], ...]
    state: str
    discount: int = 0
    paid: float = 0.0


MEETINGS = (
    Meeting("川西能源年度工作会", "annual", 0, 46, 2, 420, (0, 1), ((0, 420), (1, 840), (3, 180)), "enquiry"),
    Meeting("青衣江茶业新品发布会", "launch", 6, 30, 1, 160, (1,), ((1, 160), (5, 1)), "enquiry"),
    Meeting("云岭数联合作伙伴大会", "dealers", 2, 38, 1, 320, (4,), ((0, 320), (4, 1), (6, 320)), "quoted", 3_000),
    Meeting("蓉城医药区域培训", "training", 3, 21, 2, 70, (7,), ((8, 140),), "quoted"),
    Meeting("苗岭酒业经销商大会", "dealers", 11, 27, 2, 1_200, (3,), ((2, 120), (5, 2), (7, 12)), "booked", 8_000),
    Meeting("渝江汽车零部件质量培训", "training", 4, 12, 1, 45, (2,), ((0, 45), (1, 90)), "booked"),
    Meeting("秦岭航空技术研讨会", "academic", 9, 5, 2, 150, (5,), ((3, 80), (0, 300)), "confirmed", 2_000, 0.5),
    Meeting("远瞻咨询董事会", "board", 12, 2, 1, 18, (8,), ((1, 36),), "confirmed", 0, 0.3),
    Meeting("辰康医疗学术年会", "academic", 13, 0, 2, 240, (0,), ((0, 480), (1, 480), (6, 240)), "running", 0, 0.6),
    Meeting("德昌装备团建会", "other", 7, -6, 2, 48, (6,), ((9, 48),), "done", 0, 0.7),
    Meeting("锐进精密供应商大会", "dealers", 1, -20, 1, 200, (1,), ((0, 200), (5, 1)), "settled", 1_000, 1.0),
    Meeting("海纳芯客户答谢会", "launch", 10, 24, 1, 300, (4,), ((0, 300),), "cancelled"),
)

WAY = ("booked", "confirmed", "running", "done")
AGENDA = ("签到与开幕", "主旨报告", "分组讨论", "总结与合影")
TASKS = (("确认人数与餐食", -7), ("布置会场与设备调试", -1), ("制作签到表和胸牌", -2))
TRACKS = {
    "enquiry": ("enquiry", "电话了解人数、日期和预算"), "quoted": ("offer", "报价已发，客户对餐标有疑问"),
    "booked": ("visit", "陪同客户考察场地"), "confirmed": ("onsite", "与场地核对进场时间和接驳"),
    "running": ("onsite", "现场签到顺利，增加两桌"), "done": ("return_visit", "电话回访，总体满意"),
    "settled": ("return_visit", "回访完成，约定明年续办"), "cancelled": ("change", "客户改到外地举办"),
}  # fmt: skip
PEOPLE = ("刘思敏", "赵建华", "孙晓燕", "马志强")


def everything(occasion: Occasion) -> Iterable[Samples]:
    """Content first, then orders as enquiries, then step by step to where they are, with their payments."""
    owners = occasion.members or (None,)
    yield Samples(
        "meetings.venue", [{"key": f"venue-{n}", "province": "四川", "city": "成都", **v} for n, v in enumerate(VENUES)]
    )
    yield Samples("meetings.room", [_room(number) for number in range(len(ROOMS))])
    yield Samples(
        "meetings.service",
        [
            {"key": f"mservice-{n}", "name": name, "kind": kind, "unit": unit, "price": price, "cost": cost,
             "valid_from": date(occasion.today.year, 1, 1)}
            for n, (name, kind, unit, price, cost) in enumerate(SERVICES)
        ],
    )  # fmt: skip
    yield Samples(
        "customers.contact",
        [
            {"key": f"meeting-contact-{n}", "name": f"{PEOPLE[n % 4]}", "customer": Reference(f"customer-{each.customer}"),
             "position": "admin_officer", "mobile": f"1390000{n:04}", "owner": owners[each.customer % len(owners)],
             "project": "会务对接"}
            for n, each in enumerate(MEETINGS)
        ],
    )  # fmt: skip
    yield Samples(
        ORDER, [_order(n, each, occasion.today, owners[each.customer % len(owners)]) for n, each in enumerate(MEETINGS)]
    )
    for line_type, rows in _lines(occasion.today, owners):
        yield Samples(line_type, rows)
    yield from _steps(occasion, owners)


def _room(number: int) -> dict[str, Any]:
    venue, name, floor, area, theatre, classroom, banquet, u_shape, half, full, equipment = ROOMS[number]
    return {
        "key": f"room-{number}", "venue": Reference(f"venue-{venue}"), "name": name, "floor": floor, "area": area,
        "theatre": theatre or None, "classroom": classroom or None, "banquet": banquet or None,
        "u_shape": u_shape or None, "half_day_price": half, "full_day_price": full, "equipment": list(equipment),
    }  # fmt: skip


def _order(number: int, each: Meeting, today: date, owner: int | None) -> dict[str, Any]:
    starts = today + timedelta(days=each.begins)
    return {
        "key": f"meeting-{number}", "name": each.name, "kind": each.kind, "people": each.people, "owner": owner,
        "customer": Reference(f"customer-{each.customer}"), "contact": Reference(f"meeting-contact-{number}"),
        "channel": ("referral", "phone", "internet")[number % 3],
        "starts_on": starts, "ends_on": starts + timedelta(days=each.days - 1), "discount": each.discount or None,
        "budget": each.people * 400, "demand": f"{each.people} 人，{each.days} 天；需茶歇与合影，主席台六人。",
    }  # fmt: skip


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_current_timezone())


def _lines(today: date, owners: Sequence[int | None]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for number, each in enumerate(MEETINGS):
        starts, order = today + timedelta(days=each.begins), {"order": Reference(f"meeting-{number}")}
        for day in range(each.days):
            for room in each.rooms:
                found.setdefault("meetings.booking", []).append(
                    order
                    | {
                        "name": "主会场" if room == each.rooms[0] else "分会场", "room": Reference(f"room-{room}"),
                        "starts_at": _at(starts + timedelta(days=day), 9),
                        "ends_at": _at(starts + timedelta(days=day), 18), "price": ROOMS[room][9],
                        "seating": "theatre" if ROOMS[room][4] else "board",
                    }
                )  # fmt: skip
        found.setdefault("meetings.serviceline", []).extend(
            order | {"name": SERVICES[service][0], "service": Reference(f"mservice-{service}"), "quantity": quantity}
            for service, quantity in each.services
        )
        found.setdefault("meetings.agenda", []).extend(
            order | {"name": name, "starts_at": _at(starts, 9 + 2 * n), "ends_at": _at(starts, 11 + 2 * n)}
            for n, name in enumerate(AGENDA)
        )
        found.setdefault("meetings.preparation", []).extend(
            order
            | {
                "name": name, "due_on": starts + timedelta(days=days), "responsible": owners[number % len(owners)],
                "done": each.state in {"running", "done", "settled"},
            }
            for name, days in TASKS
        )  # fmt: skip
        found.setdefault("meetings.participant", []).extend(
            order | {"name": name, "diet": ("none", "vegetarian", "no_spicy", "halal")[n]}
            for n, name in enumerate(PEOPLE)
            if each.state not in {"enquiry", "cancelled"}
        )
        kind, said = TRACKS[each.state]
        found.setdefault("meetings.followup", []).append(
            order
            | {"name": said, "kind": kind, "happened_on": today, "person": owners[number % len(owners)]}
            | ({"satisfaction": "satisfied"} if kind == "return_visit" else {"next_on": today + timedelta(days=3)})
        )
    return found.items()


def _steps(occasion: Occasion, owners: Sequence[int | None]) -> Iterable[Samples]:
    """Along the ways that people go; payments stand before the settlement, which demands them."""
    today, keyed = occasion.today, [(Reference(f"meeting-{n}"), each) for n, each in enumerate(MEETINGS)]
    yield Samples(
        "meetings.quote",
        [
            {"order": key, "name": f"{each.name}报价", "quoted_on": today - timedelta(days=3),
             "valid_until": today + timedelta(days=12), "total": _total(each)}
            for key, each in keyed
            if each.state not in {"enquiry", "cancelled"}
        ],
    )  # fmt: skip
    yield Samples(
        ORDER,
        [
            {
                "pk": key,
                "state": "quoted",
                "quoted_on": today - timedelta(days=3),
                "follow_up_on": today + timedelta(days=n % 2 * 2 - 1),
            }
            for n, (key, each) in enumerate(keyed)
            if each.state == "quoted"
        ],
    )
    for place, state in enumerate(WAY):
        more = {"onsite_contact": owners[0], "onsite_phone": "13800138000"} if state == "confirmed" else {}
        reached = {*WAY[place:], "settled"}
        rows = [{"pk": key, "state": state, **more} for key, each in keyed if each.state in reached]
        yield Samples(ORDER, rows)
    yield Samples(
        "meetings.payment",
        [
            {"order": key, "kind": "deposit" if each.paid < 1 else "balance", "way": "transfer",
             "amount": round(_total(each) * each.paid, 2), "paid_on": today - timedelta(days=2)}
            for key, each in keyed
            if each.paid
        ],
    )  # fmt: skip
    settled = [{"pk": key, "state": "settled", "settled_on": today} for key, each in keyed if each.state == "settled"]
    gone = [
        {"pk": key, "state": "cancelled", "cancel_reason": "venue", "cancel_note": "改到外地举办"}
        for key, each in keyed
        if each.state == "cancelled"
    ]
    yield Samples(ORDER, [*settled, *gone])


def _total(each: Meeting) -> float:
    rooms = sum(int(ROOMS[room][9]) for room in each.rooms) * each.days
    return rooms + sum(SERVICES[service][3] * quantity for service, quantity in each.services) - each.discount
