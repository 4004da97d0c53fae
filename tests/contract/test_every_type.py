"""Every record type there is, in a company where only its plugin and that plugin's needs are on, through every reader."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from kezhou import assignments, comments, files, records
from kezhou.access import roles
from kezhou.access.actor import Actor, System
from kezhou.assignments import reminding
from kezhou.assignments.reading import assignable
from kezhou.exchange import exports, imports
from kezhou.files import attachments
from kezhou.files.texts.keeping import read_texts
from kezhou.finding import SearchRequest, find
from kezhou.jobs import running
from kezhou.plugins import manifests
from kezhou.records import custom
from kezhou.records.lines.reading import line_tables
from kezhou.records.own import defining
from kezhou.records.registry import registered
from kezhou.records.spec import TypeSpec, UnknownType
from kezhou.records.structuring import POSITION
from kezhou.sdk.hooks import Grant, RoleSeed
from kezhou.switching import switch_off
from kezhou.testing import contract
from kezhou.testing.access import MemberFactory, Person, SignIn
from search import keeping
from search.documents import parts_of, texts_of
from search.engines import engine
from search.lines import line_parts, line_texts
from tenants.context import Current
from tests.contract.forms import sent
from tests.engines import both_engines
from tests.own import making

KEYS = [*sorted(registered()), *making.KINDS]
PLUGIN_KEYS = [key for key in KEYS if not key.startswith("core.")]


def needs(plugin: str) -> tuple[str, ...]:
    """The plugin after everything that it requires."""
    if plugin not in manifests():
        return ()
    return (*(name for need in manifests()[plugin].requires for name in needs(need)), plugin)


@pytest.fixture
def key(request: pytest.FixtureRequest, in_alpha: Current, plugins_on: Callable[..., None]) -> str:
    """The type in alpha with only its plugin and that one's needs; a tenant-made one is made as an administrator would."""
    wanted = dict.fromkeys(needs(request.param.partition(".")[0]))
    if wanted:
        plugins_on(*wanted)
    return making.made(request.param) or request.param


@pytest.fixture
def alone(key: str, in_alpha: Current) -> Current:
    return in_alpha


def take_away(system: Actor, spec: TypeSpec) -> None:
    """Switch the type's plugin off, or hide the type that the tenant made."""
    if spec.discriminator is None:
        switch_off(system, spec.plugin)
    else:
        defining.remove(system, spec.key)


def bring_back(system: Actor, spec: TypeSpec, plugins_on: Callable[..., None]) -> None:
    """The way back."""
    if spec.discriminator is None:
        plugins_on(spec.plugin)
    else:
        defining.restore(system, spec.key)


@pytest.fixture
def system(alone: Current) -> Actor:
    return System("the contract suite")


@pytest.fixture
def boss(alone: Current, member_factory: MemberFactory) -> Person:
    return member_factory("admin", name="周敏")


@pytest.fixture
def client(boss: Person, sign_in: SignIn) -> Client:
    return sign_in(Client(), boss)


@pytest.mark.req("BAS-01", part="delete, every type")
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_the_engine_keeps_the_contract(key: str, system: Actor, check: Callable[[Actor, str], None]) -> None:
    check(system, key)


@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_pages_show_list_and_record(
    key: str, system: Actor, client: Client, member_factory: MemberFactory, sign_in: SignIn
) -> None:
    (pk,) = contract.make(system, key)
    title = records.get(system, key, pk).title
    paths = (f"/r/{key}/", f"/r/{key}/{pk}", f"/r/{key}/{pk}/history")

    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        assert title in response.content.decode(), f"{path} does not name the record."

    # whoever may read records of the type but none of their fields still gets the pages, without the record's name
    spec = records.type_of(system, key)
    if spec.parent is not None:  # its rights are those of the record that holds it
        return
    roles.seed([RoleSeed("blind", "只看有没有", [Grant(key, "read update export", "all", hidden=tuple(spec.by_key))])])
    blind = sign_in(Client(), member_factory("blind"))
    for path in (*paths, f"/r/{key}/{pk}/edit", f"/api/v1/{key}/", f"/api/v1/{key}/{pk}", "/"):
        response = blind.get(path)
        assert response.status_code == 200, f"{path}: {response.content.decode()[:2000]}"


@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_form_sent_back_unchanged_changes_nothing(key: str, system: Actor, client: Client) -> None:
    (pk,) = contract.make(system, key)
    before = records.get(system, key, pk)
    if "update" not in records.type_of(system, key).operations:
        return
    form = sent(client.get(f"/r/{key}/{pk}/edit").content.decode(), "record-form")

    response = client.post(f"/r/{key}/{pk}/edit", form)

    assert response.status_code == 302, response.content.decode()[:3000]
    assert records.get(system, key, pk).version == before.version, records.history(system, key, pk)[0]


@pytest.mark.req("BAS-01", part="enter, create, edit, every type; assign and remind, every type with owners")
@pytest.mark.parametrize("key", KEYS, indirect=True)
def test_rest_lists_reads_changes_and_refuses(key: str, system: Actor, boss: Person, client: Client) -> None:
    (pk,) = contract.make(system, key)

    listed = client.get(f"/api/v1/{key}/").json()
    read = client.get(f"/api/v1/{key}/{pk}")
    changed = client.patch(
        f"/api/v1/{key}/{pk}", orjson.dumps({"remark": "由接口改"}), content_type="application/json",
        headers={"If-Match": read["ETag"]},
    )  # fmt: skip
    refused = client.patch(f"/api/v1/{key}/{pk}", orjson.dumps({"no_such_field": 1}), content_type="application/json")
    stale = client.patch(
        f"/api/v1/{key}/{pk}", orjson.dumps({"remark": "又改"}), content_type="application/json",
        headers={"If-Match": read["ETag"]},
    )  # fmt: skip

    assert pk in [row["pk"] for row in listed["results"]]
    assert (changed.status_code, changed.json()["remark"]) == (200, "由接口改")
    assert (refused.status_code, stale.status_code) == (400, 409)
    assert set(read.json()) == set(changed.json())
    if assignable(records.type_of(system, key)):
        wanted = {"member": boss.pk, "due": timezone.localdate().isoformat(), "note": "核对"}
        given = client.post(f"/api/v1/{key}/{pk}/assignments", orjson.dumps(wanted), content_type="application/json")
        assert given.status_code == 201, given.content
        assert ([row.record for row in assignments.mine(boss.actor)], reminding.remind()) == ([pk], 1)


@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_export_comes_back_in_by_import(
    key: str, system: Actor, boss: Person, django_capture_on_commit_callbacks
) -> None:  # type: ignore[no-untyped-def]
    actor = boss.actor
    contract.make(system, key, 3)
    kinds = with_lines(system, key)
    before = standing(system, actor, key)
    columns = tuple(column.key for column in exports.exportable(actor, key))
    job = exports.start(actor, key, columns=columns, lines=kinds, format="xlsx")
    running.run(job.pk)
    log = exports.recent(actor)[0]
    content = files.open(actor, log.file_pk).read()

    upload = files.store(actor, "back.xlsx", BytesIO(content), purpose="import")
    batch = imports.begin(actor, upload, type_key=key, mode="both")
    running.run(imports.check(actor, batch).pk)
    batch = imports.batch(actor, batch.pk)

    spec, counts = records.type_of(actor, key), batch.result["sheets"][0]
    for place in range(1 + len(kinds)):
        assert (batch.sheet_counts[place].wrong, batch.sheet_counts[place].twin) == (0, 0), imports.problems(
            actor, batch, sheet=place, kind="wrong"
        )
    found_again = spec.twins or spec.parent or ("number" in columns and spec.declaration.number)
    known, unknown = (len(before), 0) if found_again else (0, len(before))
    assert (counts["update"] + counts["same"], counts["new"]) == (known, unknown)
    assert standing(system, actor, key) == before
    if kinds:
        running.run(imports.run(actor, batch).pk)
        assert [(each.same, each.wrong) for each in imports.batch(actor, batch.pk).sheet_counts] == [
            (len(before), 0),
            *((3, 0) for _kind in kinds),
        ]
        assert standing(system, actor, key) == before


def with_lines(system: Actor, key: str) -> tuple[str, ...]:
    """Three rows of every kind of lines in the first record; the kinds that there are."""
    spec = records.type_of(system, key)
    pk = records.pks(system, key, records.ListRequest(sort=("created_at",)))[0]
    for lines in spec.lines:
        left_out = {lines.link, POSITION}
        rows = [
            {name: value for name, value in contract.sample(system, lines.type, number).items() if name not in left_out}
            for number in (1, 2, 3)
        ]
        records.save(system, key, [{"pk": pk, lines.key: rows}], source="system").demand()
    return tuple(lines.key for lines in spec.lines)


def standing(system: Actor, actor: Actor, key: str) -> dict[int, object]:
    """Every record with its version, values and rows."""
    found = {}
    for pk in records.pks(actor, key, records.ListRequest()):
        entry = records.get(system, key, pk)
        rows = [(row.pk, row.version, row.values) for table in line_tables(system, entry) for row in table.rows]
        found[pk] = (entry.version, entry.values, rows)
    return found


@pytest.mark.parametrize(
    "key", [key for key in PLUGIN_KEYS if key in making.KINDS or registered()[key].lines], indirect=True
)
def test_rest_reads_writes_and_refuses_lines_inside_their_record(key: str, system: Actor, client: Client) -> None:
    (pk,) = contract.make(system, key)
    with_lines(system, key)
    url = f"/api/v1/{key}/{pk}"
    for lines in records.type_of(system, key).lines:
        first, second, third = client.get(url).json()[lines.key]

        changed = send(client, url, {lines.key: [{"pk": third["pk"]}, {"pk": first["pk"]}]})
        wrong = send(client, url, {lines.key: [{"pk": third["pk"]}, {"no_such": 1}]})
        foreign = send(client, url, {lines.key: [{"pk": second["pk"]}]})

        assert (changed.status_code, [row["pk"] for row in changed.json()[lines.key]]) == (
            200,
            [third["pk"], first["pk"]],
        )
        assert (wrong.status_code, list(wrong.json()["errors"])) == (400, [f"{lines.key}.1.no_such"])
        assert (foreign.status_code, list(foreign.json()["errors"])) == (400, [f"{lines.key}.0"])
        assert [row["pk"] for row in client.get(url).json()[lines.key]] == [third["pk"], first["pk"]]
        schema = client.get("/api/v1/schema", headers={"Accept": "application/json"}).content.decode()
        assert f'"{lines.key}"' in schema


def send(client: Client, url: str, body: object) -> Any:
    """PATCH as JSON."""
    return client.patch(url, orjson.dumps(body), content_type="application/json")


@both_engines
@pytest.mark.req("SRH-01")
@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_search_finds_it_until_the_plugin_is_off(
    key: str, search_folder: Path, system: Actor, boss: Person, client: Client
) -> None:
    spec = records.type_of(system, key)
    (pk,) = contract.make(system, key)
    entry = records.get(system, key, pk)
    title = entry.title
    comments.write(boss.actor, key, pk, "务必安排靠窗的座位")
    attachments.attach(system, key, pk, "清单.txt", BytesIO("随行人员携带轮椅".encode()))
    read_texts()
    with_lines(system, key)
    lines = line_parts(spec, system)
    words = [text for _part, text in line_texts(system, lines, (pk,)).get(pk, ()) if not title.startswith(text)]
    keeping.rebuild(engine())

    texts = [text for field in parts_of(spec, system).all for text in texts_of(entry, field)[:1]]
    asked = () if spec.parent else (title, *texts, "靠窗", "轮椅")  # lines are found with the record that holds them
    found = {text: find(boss.actor, SearchRequest(text[:200], kinds=(key,))) for text in asked}
    inside = [find(boss.actor, SearchRequest(text)).hits for text in words]
    page = client.get("/" if spec.parent else f"/r/{key}/").content.decode()
    take_away(system, spec)
    gone = find(boss.actor, SearchRequest(title))

    missed = [text for text, result in found.items() if (key, pk) not in [(hit.type, hit.pk) for hit in result.hits]]
    assert missed == []
    assert 'action="/search"' in page
    assert bool(words) is bool(spec.lines)
    assert all((key, pk) in [(hit.type, hit.pk) for hit in hits] for hits in inside)
    assert all(hit.excerpts for hits in inside for hit in hits if hit.pk == pk and hit.type == key)
    assert [hit.type for hit in gone.hits if hit.type == key] == []


@pytest.mark.req("FLD-02", part="form, list, filter, API")
@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_an_own_field_is_in_form_list_filter_and_api_at_once(key: str, system: Actor, client: Client) -> None:
    own = custom.add_field(system, key, label="品牌等级", kind="text", listed=True, searchable=True).key
    (pk,) = contract.make(system, key)
    records.save(system, key, [{"pk": pk, own: "金牌伙伴"}], source="system").demand()

    assert f'name="{own}"' in client.get(f"/r/{key}/{pk}/edit").content.decode()
    assert "金牌伙伴" in client.get(f"/r/{key}/").content.decode()
    assert "金牌伙伴" in client.get(f"/r/{key}/{pk}").content.decode()
    rows = client.get(f"/api/v1/{key}/", {"filter": f'["{own}","eq","金牌伙伴"]'}).json()["results"]
    assert [row["pk"] for row in rows] == [pk]
    schema = client.get("/api/v1/schema", headers={"Accept": "application/json"})
    assert own in schema.content.decode()


@pytest.mark.req("PLT-04", part="switching off hides everything and keeps the data")
@pytest.mark.parametrize("key", PLUGIN_KEYS, indirect=True)
def test_switched_off_it_is_nowhere_and_back_it_is_as_before(
    key: str, system: Actor, client: Client, plugins_on: Callable[..., None]
) -> None:
    spec = records.type_of(system, key)
    (pk,) = contract.make(system, key)
    before = records.get(system, key, pk).values

    take_away(system, spec)

    for path in (f"/r/{key}/", f"/r/{key}/{pk}", f"/api/v1/{key}/", f"/api/v1/{key}/{pk}"):
        assert client.get(path).status_code == 404, path
    assert f"/r/{key}/" not in client.get("/").content.decode()
    with pytest.raises(UnknownType):
        records.type_of(system, key)
    bring_back(system, spec, plugins_on)
    assert records.get(system, key, pk).values == before
