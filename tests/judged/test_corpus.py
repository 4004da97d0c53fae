"""The corpus and its judgements are what they say."""

from tests.judged.corpus import records
from tests.judged.queries import EACH, MAKERS, judgements, score


def test_a_small_corpus_is_the_beginning_of_a_large_one() -> None:
    assert list(records(100)) == list(records(250))[:100]


def test_every_kind_of_asking_has_queries_with_answers_in_every_size() -> None:
    small, large = judgements(20_000), judgements(30_000)

    assert len(small) == EACH * len(MAKERS) >= 300
    assert [query.text for query in small] == [query.text for query in large]
    assert all(query.relevant for query in small)
    assert all(one.relevant <= other.relevant for one, other in zip(small, large, strict=True))


def test_score_is_recall_among_ten_and_reciprocal_rank() -> None:
    assert score(["x:1", "x:2", "x:3"], frozenset({"x:2", "x:9"})) == (0.5, 0.5)
    assert score(["x:1"], frozenset({"x:2"})) == (0.0, 0.0)
    assert score([f"x:{n}" for n in range(20)], frozenset(f"x:{n}" for n in range(20))) == (1.0, 1.0)
