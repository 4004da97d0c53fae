"""Every page of access opens for the administrator, and for nobody else."""

import pytest
from django.test import Client

from kezhou.access import roles
from tenants.context import tenant

PAGES = (
    "/settings/members",
    "/settings/members?state=active&q=钱",
    "/settings/members/invite",
    "/settings/members/invite?member={other}",
    "/settings/members/{other}",
    "/settings/departments",
    "/settings/departments?under=",
    "/settings/departments?department={department}",
    "/settings/roles/{role}",
    "/settings/plan",
)


@pytest.fixture
def places(alpha, admin, member_factory, department_factory):
    with tenant(alpha):
        other = member_factory("sales", name="孙悦", username="sunyue")
        return {"other": other, "department": department_factory("成都分公司"), "role": roles.role_pk("sales")}


@pytest.mark.parametrize("path", PAGES)
def test_the_administrator_opens_it(admin_client, places, path):
    response = admin_client.get(path.format(**{**places, "other": places["other"].pk}))

    assert response.status_code == 200
    assert "机构与成员" in response.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_salesperson_does_not(places, sign_in, path):
    client = sign_in(Client(), places["other"])

    assert client.get(path.format(**{**places, "other": places["other"].pk})).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_sign_in(places, path):
    client = Client(HTTP_HOST="alpha.localhost")

    response = client.get(path.format(**{**places, "other": places["other"].pk}))

    assert response.status_code == 302
    assert response["Location"].startswith("/account/sign-in?next=/settings/")


@pytest.mark.parametrize(
    "path", ["/settings/members/987654", "/settings/roles/987654", "/settings/departments?department=987654"]
)
def test_what_is_not_there_is_404(admin_client, path):
    assert admin_client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/account/password", "/account/sessions", "/account/rights"])
def test_the_own_pages_open_for_everybody(places, sign_in, path):
    assert sign_in(Client(), places["other"]).get(path).status_code == 200


@pytest.mark.req("PRM-21", part="own and, for administrators, any user's effective permissions; without the reasons")
def test_everybody_sees_the_own_rights_in_words(alpha, sign_in, member_factory, department_factory):
    with tenant(alpha):
        person = member_factory(["sales", "reader"], department=department_factory("成都分公司"))

    html = sign_in(Client(), person).get("/account/rights").content.decode()

    assert '<span class="kz-tag1">销售</span> <span class="kz-tag1">只读</span>' in html
    assert "　成都分公司</p>" in html
    assert html.count('<span class="kz-scp kz-s4">全部</span>') == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/settings/members/999999999999999999999999999999", 404),
        ("/settings/members?page=²", 200),
        ("/settings/members?department=²", 200),
    ],
)
def test_a_mistyped_address_is_answered(path, status, admin_client):
    assert admin_client.get(path).status_code == status
