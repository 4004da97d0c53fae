"""Where one begins: by role, unless one chose another page; the overview of those who head people (UIX-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kezhou import assignments
from kezhou.access import roles
from kezhou.testing.access import MemberFactory, Person, SignIn
from tenants.context import Current
from tests.web.conftest import CUSTOMERS, Customers


def begun(person: Person) -> str:
    """Where somebody is after signing in."""
    posted = {"login": person.username, "password": person.password}
    return Client(SERVER_NAME="alpha.localhost").post("/account/sign-in", posted)["Location"]


@pytest.mark.req("UIX-12", part="by role, unless the person chose another")
def test_one_begins_where_the_role_says_unless_one_chose(
    boss: Person, seller: Person, browser_of: Callable[[Person], Client]
) -> None:
    sales = roles.role_pk("sales")
    offered = browser_of(boss).get(f"/settings/roles/{sales}").content.decode()
    browser_of(boss).post(f"/settings/roles/{sales}", {"start": "/r/sales.opportunity/"})

    assert begun(seller) == "/r/sales.opportunity/"
    assert begun(boss) == "/"
    browser_of(seller).post("/me/preferences", {"start": "/r/customers.customer/"})
    assert begun(seller) == "/r/customers.customer/"
    browser_of(seller).post("/me/preferences", {"start": ""})
    assert begun(seller) == "/r/sales.opportunity/"
    assert "按角色的默认（销售机会）" in browser_of(seller).get("/me/preferences").content.decode()

    browser_of(boss).post(f"/settings/roles/{sales}", {"start": "https://example.com/"})
    assert begun(seller) == "/r/sales.opportunity/"
    browser_of(boss).post(f"/settings/roles/{sales}", {"start": "/team"})
    assert begun(seller) == "/"
    assert [url for url in ("/", "/team", "/r/sales.opportunity/", "/me") if f'value="{url}"' in offered] == [
        "/",
        "/team",
        "/r/sales.opportunity/",
    ]


@pytest.mark.req("UIX-12", part="overview for managers")
def test_who_heads_people_sees_what_each_has_in_hand(
    shop: Current,
    customers: Customers,
    member_factory: MemberFactory,
    department_factory: Callable[..., int],
    sign_in: SignIn,
) -> None:
    head = member_factory("manager", name="周敏")
    branch = department_factory("成都分公司", head=head)
    seller = member_factory("sales", name="李思源", department=branch)
    other = member_factory("sales", name="外人")
    pks = customers(seller, "川西能源集团", "云岭数联")
    customers(other, "看不到的公司")
    yesterday = timezone.localdate() - timedelta(days=1)
    assignments.assign(seller.actor, CUSTOMERS, pks[:1], member=seller.pk, due=None, note="")
    late = assignments.Assignment.objects.get()
    late.due_on = yesterday
    late.save()

    page = sign_in(Client(), head).get("/team").content.decode()

    rows = [
        re.findall(r">([^<\s][^<]*)<", row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    ]
    assert rows == [["李思源", "2", "2", "0", "0", "0", "0", "1", "逾期 1"]]
    assert begun(head) == "/team"
    assert sign_in(Client(), seller).get("/team").status_code == 404
