"""What counts as proof of a row."""

from kezhou.testing.requirements import catalogue, read


def result(test: str, outcome: str, *marks: tuple[str, str | None]) -> dict[str, object]:
    return {"test": test, "outcome": outcome, "req": [list(mark) for mark in marks]}


def test_the_catalogue_has_695_rows() -> None:
    assert len(catalogue()) == 695


def test_a_row_stands_by_a_passing_full_mark_and_falls_with_a_failing_one() -> None:
    proofs = read(
        [
            result("a", "passed", ("QRY-01", None)),
            result("b", "passed", ("QRY-02", None)),
            result("c", "failed", ("QRY-02", None)),
            result("d", "passed", ("QRY-03", "list, form")),
            result("e", "skipped", ("QRY-04", None)),
        ]
    )

    assert {pk: proof.stands for pk, proof in proofs.items()} == {
        "QRY-01": True,
        "QRY-02": False,
        "QRY-03": False,
        "QRY-04": False,
    }
    assert proofs["QRY-03"].parts == {"list, form"}


def test_the_last_result_of_a_test_counts() -> None:
    proofs = read([result("a", "failed", ("QRY-01", None)), result("a", "passed", ("QRY-01", None))])

    assert proofs["QRY-01"].stands
