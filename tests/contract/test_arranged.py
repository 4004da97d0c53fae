"""Every record type with all its fields moved around: the form still sends back what it showed, rights still hold (FLD-03)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from kezhou import records
from kezhou.access.actor import Actor
from kezhou.access.models import Role, RoleField
from kezhou.records import shape
from kezhou.records.layouts.spec import Kind
from kezhou.records.spec import Purpose
from kezhou.testing import arranged, contract
from kezhou.testing.access import MemberFactory, SignIn
from tests.contract.forms import sent
from tests.contract.test_every_type import KEYS, PLUGIN_KEYS, alone, boss, client, key, system

__all__ = ["alone", "boss", "client", "key", "system"]


def told(page: str) -> list[str]:
    """The sentences of a refused form."""
    found = re.findall(r'<div class="[^"]*(?:invalid-feedback|kz-err)[^"]*"[^>]*>(.*?)</div>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text).strip() for text in found] or [page[:2000]]


@pytest.mark.req("FLD-03", part="every kind of record")
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_a_rearranged_form_sent_back_unchanged_changes_nothing(key: str, system: Actor, client: Client) -> None:
    (pk,) = contract.make(system, key)
    before = records.get(system, key, pk)
    if "update" not in records.type_of(system, key).operations:
        return
    arranged.turn_around(system, key)

    closed = client.get(f"/r/{key}/{pk}/edit").content.decode()
    page = client.get(f"/r/{key}/{pk}/edit?open=turned3").content.decode()
    form = sent(page, "record-form")
    answer = client.post(f"/r/{key}/{pk}/edit", form)

    assert answer.status_code == 302, told(answer.content.decode())
    assert records.get(system, key, pk).version == before.version
    assert form["version"] == [str(before.version)]
    assert len(closed) <= len(page)
    assert client.get(f"/r/{key}/{pk}").status_code == 200


@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_a_rearranged_page_shows_nobody_a_hidden_field(
    key: str, system: Actor, member_factory: MemberFactory, sign_in: SignIn, plugins_on: Callable[..., None]
) -> None:
    arranged.turn_around(system, key)
    field = next(f for f in records.fields_for(key, system, Purpose.WRITE) if not f.required and not f.system)
    RoleField.objects.create(role=Role.objects.get(key="sales"), type=key, field=field.key, level="hide")
    shape.bump()
    person = member_factory("sales", name="李思源")
    if key not in records.types(person.actor):
        return

    layout = arranged.layout_for(person.actor, key)

    for kind in (Kind.FORM, Kind.DETAIL):
        assert field.key not in {name for section in layout.sections(kind) for name in section.keys}
    assert field.key not in layout.columns
