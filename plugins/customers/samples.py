"""Believable customers and contacts of a travel-service company, always fresh: every date counts back from today.

Plain values, no database: the same seed gives the same company, so that pictures and tests agree.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

KNOWN = (
    ("川西能源集团有限公司", "四川", "成都", "energy", "vip", "key", 1_860_000),
    ("锐进精密仪器（苏州）有限公司", "江苏", "苏州", "manufacturing", "company", "customer", 640_000),
    ("云岭数联科技（成都）有限公司", "四川", "成都", "it", "vip", "key", 980_000),
    ("四川蓉城生物医药股份有限公司", "四川", "成都", "medicine", "vip", "customer", 1_120_000),
    ("重庆渝江汽车零部件有限公司", "重庆", "渝北", "manufacturing", "company", "customer", 430_000),
    ("天府沐光律师事务所", "四川", "成都", "services", "ordinary", "customer", 88_000),
    ("青衣江茶业集团有限公司", "四川", "雅安", "food", "company", "customer", 315_000),
    ("德昌轨道交通装备有限公司", "四川", "德阳", "manufacturing", "company", "potential", 720_000),
    ("昆明滇池会展服务有限公司", "云南", "昆明", "tourism", "company", "partner", 260_000),
    ("西安秦岭航空科技有限公司", "陕西", "西安", "it", "vip", "customer", 1_077_000),
    ("深圳市海纳芯半导体有限公司", "广东", "深圳", "it", "company", "potential", 540_000),
    ("贵州苗岭酒业股份有限公司", "贵州", "贵阳", "food", "company", "customer", 342_000),
    ("北京远瞻管理咨询有限公司", "北京", "朝阳", "services", "company", "customer", 188_000),
    ("华西辰康医疗器械有限公司", "四川", "成都", "medicine", "company", "customer", 264_000),
    ("成都望江酒店管理有限公司", "四川", "成都", "hotel", "company", "partner", 150_000),
)
PLACES = (
    ("四川", "成都", "028", "610000"),
    ("四川", "绵阳", "0816", "621000"),
    ("四川", "宜宾", "0831", "644000"),
    ("重庆", "江北", "023", "400020"),
    ("云南", "昆明", "0871", "650000"),
    ("贵州", "贵阳", "0851", "550000"),
    ("陕西", "西安", "029", "710000"),
    ("湖北", "武汉", "027", "430000"),
    ("广东", "广州", "020", "510000"),
    ("浙江", "杭州", "0571", "310000"),
    ("上海", "浦东", "021", "200120"),
    ("北京", "海淀", "010", "100080"),
)
CORES = (
    "锦屏", "天府", "蜀峰", "嘉陵", "云岭", "峨眉", "都江", "青城", "金沙", "望江", "浣花", "沱江", "岷山", "剑阁",
    "雅砻", "凤凰", "星河", "恒远", "博雅", "启明", "瑞和", "新川", "同晖", "佳信", "汇景", "远航", "宏图", "卓立",
)  # fmt: skip
TRADES = (
    ("科技", "it"), ("医药", "medicine"), ("建筑工程", "construction"), ("酒店管理", "hotel"),
    ("教育咨询", "education"),
    ("物流", "logistics"), ("装备制造", "manufacturing"), ("食品", "food"), ("农业开发", "agriculture"),
    ("文化旅游", "tourism"), ("金融服务", "finance"), ("新能源", "energy"),
)  # fmt: skip
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
STREETS = ("天府大道北段", "人民南路", "锦江大道", "科华北路", "滨江东路", "建设路", "解放路", "高新大道")
SURNAMES = "李王张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范"
GIVEN = (
    "国栋", "文博", "思敏", "雨桐", "浩然", "嘉禾", "思源", "婷", "建华", "晓燕", "志强", "丽娟", "明", "海涛", "静怡",
    "俊杰", "欣怡", "子涵", "立新", "红梅", "云飞", "佳琪", "振宇", "秀兰", "凯", "诗涵", "永刚", "慧", "天佑", "若曦",
)  # fmt: skip
REMARKS = (
    "每月出差约 {n} 人次，偏好早班机", "年会计划 {n} 人，含住宿与用车", "希望开通月结，信用额度 {n} 万元",
    "对酒店协议价敏感，预算每晚 {n}0 元以内", "高管公务舱，其余经济舱；成都 酒店 需靠近地铁",
    "考察团 {n} 人，行程含乌鲁木齐与喀什", "上次航变处理满意，愿意续签差旅协议", "",
)  # fmt: skip
POSITIONS = ("chairman", "general_manager", "deputy_manager", "admin_officer", "hr_head", "finance_director", "staff")
IMPORTANCE = ("decision_maker", "high", "normal", "normal", "low")


@dataclass(frozen=True)
class SampleCustomer:
    """One company with its people; ``values`` and ``contacts`` are ready for records.save."""

    values: dict[str, object]
    contacts: tuple[dict[str, object], ...]


def companies(*, today: date, count: int = 120, seed: int = 20) -> Iterator[SampleCustomer]:
    """Yield ``count`` companies (the well-known ones of our pictures first) with one to three contacts each."""
    draw = random.Random(seed)
    names: set[str] = set()
    for index in range(count):
        if index < len(KNOWN):
            name, province, city, industry, category, assessment, budget = KNOWN[index]
            place = next((p for p in PLACES if p[0] == province), PLACES[0])
            area, postcode = place[2], place[3]
        else:
            name, province, city, area, postcode, industry = _invented(draw, names)
            category = draw.choice(("company", "company", "company", "ordinary", "vip"))
            assessment = draw.choice(("potential", "potential", "customer", "customer", "key", "lost"))
            budget = draw.randrange(20, 1500) * 1000
        names.add(name)
        yield SampleCustomer(
            values={
                "name": name, "category": category, "assessment": assessment, "industry": industry,
                "region": f"{province}{city}", "postcode": postcode, "travel_budget": budget,
                "address": f"{city}{draw.choice(STREETS)} {draw.randrange(1, 999)} 号",
                "phone": f"{area}-{draw.randrange(61000000, 88999999)}",
                "email": f"office{index:03}@example.com",
                "ownership": draw.choice(("state_owned", "individual", "joint_venture", "foreign", "other")),
                "size": draw.choice(("large", "medium", "medium", "small")),
                "source": draw.choice(("referral", "phone", "internet", "exhibition", "portal")),
                "registered_on": today - timedelta(days=draw.randrange(2, 900)),
                "remark": draw.choice(REMARKS).format(n=draw.randrange(5, 60)),
            },
            contacts=tuple(_person(draw, index, place) for place in range(draw.choice((1, 1, 2, 2, 3)))),
        )  # fmt: skip


def _invented(draw: random.Random, taken: set[str]) -> tuple[str, str, str, str, str, str]:
    while True:
        province, city, area, postcode = draw.choice(PLACES)
        trade, industry = draw.choice(TRADES)
        name = f"{city}{draw.choice(CORES)}{trade}{draw.choice(FORMS)}"
        if name not in taken:
            return name, province, city, area, postcode, industry


def _person(draw: random.Random, company: int, place: int) -> dict[str, object]:
    return {
        "name": draw.choice(SURNAMES) + draw.choice(GIVEN),
        "position": draw.choice(POSITIONS),
        "mobile": f"13{draw.randrange(10**8, 10**9 - 1)}",
        "email": f"contact{company:03}{place}@example.com",
        "birth_date": date(draw.randrange(1965, 2001), draw.randrange(1, 13), draw.randrange(1, 29)),
        "importance": draw.choice(IMPORTANCE),
        "main": place == 0,
        "sex": draw.choice(("male", "female")),
    }
