"""The shared engine alone: the fence between tenants, builds beside each other, a server that is away."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from elasticsearch import BadRequestError, Elasticsearch
from elasticsearch.dsl import Search
from elasticsearch.dsl import query as dsl

from search.engines.base import EngineAway, EngineUnreachable, Tally
from search.engines.elastic import breaker
from search.engines.elastic.breaker import Breaker
from search.engines.elastic.engine import ElasticEngine
from search.engines.elastic.fence import Fence
from search.engines.elastic.mapping import PLACE, index_alias, pointers_alias
from search.engines.elastic.server import LONGEST_SAID, Server, WriteRefused
from search.query.tree import EVERYTHING, Term
from search.schema import Field
from tenants.context import Current, tenant
from tests.engines import elastic_prefix
from tests.search.conftest import made, place
from tests.search.door import Door

WORD = Term(Field.TITLE_WORDS, "商旅")


@pytest.fixture
def neighbours(elastic: ElasticEngine) -> ElasticEngine:
    """Two tenants with the same primary keys in one shared index and one shard."""
    for number in (1, 2):
        with tenant(place(number)), elastic.rebuild([made(pk, title=f"{number}号商旅") for pk in range(1, number * 3)]):
            pass
    return elastic


def seen_by_the_first(engine: ElasticEngine) -> tuple[int, dict[str, int], float, dict[str, str], int]:
    """Everything that a reader answers: hits, counts, shares, signs, versions."""
    with tenant(place(1)):
        reader = engine.reader()
        return (
            reader.search(WORD, limit=20).total,
            reader.counts(EVERYTHING, Field.KIND),
            reader.share(Field.TITLE_WORDS, "2"),
            reader.signs([f"customers.customer:{pk}" for pk in range(1, 9)]),
            len(list(reader.versions())),
        )


@pytest.mark.req("SRH-07", part="enforced filter in a shared index")
def test_neighbours_in_one_shared_index_see_only_their_own(neighbours: ElasticEngine) -> None:
    sign = {f"customers.customer:{pk}": "1号商旅" for pk in (1, 2)}

    assert seen_by_the_first(neighbours) == (2, {"customers.customer": 2}, 0.0, sign, 2)


@pytest.mark.req("SRH-07", part="the filter is what separates")
def test_without_the_filter_the_neighbour_would_be_seen(
    neighbours: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfenced(self: Fence, filter: object) -> Search[object]:
        return Search(index=self.alias).params(routing=self.tenant)

    monkeypatch.setattr(Fence, "_fenced", unfenced)

    assert seen_by_the_first(neighbours)[0] == 7


def test_a_document_without_routing_or_with_an_unknown_field_is_refused(
    elastic_url: str, neighbours: ElasticEngine
) -> None:
    client = Elasticsearch(elastic_url)
    alias = index_alias(elastic_prefix(), 0)

    with pytest.raises(BadRequestError, match="routing"):
        client.index(index=alias, id="x", document={PLACE: "t_t1.1:1"})
    with pytest.raises(BadRequestError, match="strict"):
        client.index(index=alias, id="x", routing="t_t1.1", document={PLACE: "t_t1.1:1", "surprise": 1})


def test_a_batch_during_a_rebuild_reaches_both_builds(elastic: ElasticEngine, in_place: Current) -> None:
    with elastic.rebuild([made(1, title="甲")]):
        pass

    with elastic.rebuild([made(1, title="甲"), made(2, title="乙")]):
        with elastic.batch() as batch:
            batch.put(made(1, title="丙", version=2))
            batch.drop("customers.customer:2")
        before = {uid: version for uid, version, _ in elastic.reader().versions()}
    after = {uid: version for uid, version, _ in elastic.reader().versions()}

    assert before == after == {"customers.customer:1": 2}


def test_a_rebuild_never_writes_over_what_a_batch_wrote_meanwhile(elastic: ElasticEngine, in_place: Current) -> None:
    with elastic.rebuild([made(1, title="甲")]):
        pass

    def documents():  # type: ignore[no-untyped-def]
        stale = made(1, title="甲")
        with elastic.batch() as batch:
            batch.put(made(1, title="丙", version=2))
        yield stale

    with elastic.rebuild(documents()):
        pass

    assert {uid: version for uid, version, _ in elastic.reader().versions()} == {"customers.customer:1": 2}


def test_old_builds_and_those_given_up_are_swept(elastic_url: str, elastic: ElasticEngine, in_place: Current) -> None:
    with elastic.rebuild([made(1, title="甲")]):
        pass
    with pytest.raises(RuntimeError), elastic.rebuild([made(2, title="乙")]):
        raise RuntimeError("on purpose")
    with elastic.rebuild([made(3, title="丙")]):
        pass

    assert elastic.sweep([place(1)]) == ()

    client = Elasticsearch(elastic_url)
    alias = index_alias(elastic_prefix(), 0)
    client.indices.refresh(index=alias)
    left = client.search(index=alias, query=dsl.Prefix(**{PLACE: "t_t1.1:"}).to_dict())["hits"]["hits"]
    assert [hit["_source"]["uid"] for hit in left] == ["customers.customer:3"]


@pytest.mark.req("SRH-08", part="a server that is away is asked once in a while")
def test_a_server_that_is_away_is_unreachable_and_soon_not_asked(elastic_url: str, in_place: Current) -> None:
    host, _, port = elastic_url.removeprefix("http://").partition(":")
    door = Door((host, int(port)))
    engine = ElasticEngine(Server(door.url, prefix=elastic_prefix()), parts=1)
    with engine.rebuild([made(1, title="甲")]):
        pass
    door.shut()

    for _ in range(breaker.FAILURES):
        with pytest.raises(EngineUnreachable, match="does not answer"):
            engine.exists()
    with pytest.raises(EngineUnreachable, match="asked again in a few seconds"):
        engine.exists()
    with pytest.raises(EngineUnreachable):
        engine.demand()


def test_an_open_breaker_lets_one_try_through(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now[0])
    switch = Breaker()
    for _ in range(breaker.FAILURES):
        assert switch.admits()
        switch.failed()

    assert not switch.admits()
    now[0] += breaker.PAUSE
    assert [switch.admits(), switch.admits()] == [True, False]
    switch.succeeded()
    assert switch.admits()


def test_what_the_server_refuses_is_said_in_a_few_words(elastic: ElasticEngine, in_place: Current) -> None:
    with elastic.rebuild([]):
        pass
    fence = elastic.reader()._fence
    wrong = [
        {"_op_type": "index", "_index": fence.alias, "_id": str(n), "routing": "x", "_source": {"odd": "x" * 9_000}}
        for n in range(50)
    ]

    with pytest.raises(WriteRefused) as refused:
        fence.server.bulk(wrong)

    assert len(str(refused.value)) < LONGEST_SAID + 100


def test_a_shared_index_that_is_gone_is_built_anew_for_all_and_never_made_by_a_write(
    elastic_url: str, neighbours: ElasticEngine
) -> None:
    client, alias = Elasticsearch(elastic_url), index_alias(elastic_prefix(), 0)
    client.indices.delete(index=f"{alias}-000001")

    def write() -> None:
        with neighbours.batch() as batch:
            batch.put(made(1, title="甲"))

    with tenant(place(1)):
        for asked in (write, lambda: neighbours.reader().search(EVERYTHING, limit=1)):
            with pytest.raises(EngineAway) as told:
                asked()
            assert not isinstance(told.value, EngineUnreachable)
        assert not client.indices.exists(index=alias)
        assert neighbours.sweep([place(1), place(2)]) == ()
        with neighbours.rebuild([made(1, title="甲")]):
            pass
        assert neighbours.reader().search(EVERYTHING, limit=1).total == 1
    with tenant(place(2)):
        assert not neighbours.exists()  # and is built by the next sweep, where it would find nothing without a word
    assert client.indices.exists_alias(name=alias)


def test_a_lost_pointer_leaves_no_documents_of_its_builds(elastic_url: str, neighbours: ElasticEngine) -> None:
    client = Elasticsearch(elastic_url)
    client.indices.delete(index=f"{pointers_alias(elastic_prefix())}-000001")

    with tenant(place(1)):
        assert (neighbours.exists(), neighbours.sweep([place(1)])) == (False, ())
        with neighbours.rebuild([made(9, title="甲")]):
            pass
        assert [uid for uid, *_ in neighbours.reader().versions()] == ["customers.customer:9"]


def test_a_certificate_is_checked_against_the_trusted_ones(
    elastic_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    locked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    locked.load_cert_chain(certificate, key)
    known = urlsplit(elastic_url)
    door = Door((str(known.hostname), int(known.port or 0)), locked=locked)
    url = door.url.replace("http:", "https:")

    with pytest.raises(EngineUnreachable, match="certificate verify failed"):
        Server(url, prefix=elastic_prefix()).demand()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    Server(url, prefix=elastic_prefix()).demand()
    door.shut()


def test_hits_and_the_counts_beside_them_are_one_answer(
    neighbours: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, asked = (Tally(Field.KIND),), []
    answer = Fence.answer
    monkeypatch.setattr(Fence, "answer", lambda self, search, **only: asked.append(1) or answer(self, search, **only))
    with tenant(place(1)):
        reader = neighbours.reader()

        assert reader.search(WORD, limit=1, beside=counts).total == 2
        assert reader.tallies(WORD, counts) == [{"customers.customer": 2}]

    assert len(asked) == 1
