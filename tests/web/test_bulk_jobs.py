"""What is done to very many records is a job: counted before, done as its person, stopped, told what was left, taken back."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from kezhou import records
from kezhou.jobs.models import Job
from kezhou.records import ListRequest
from kezhou.records.undoing import take_back_in_parts
from kezhou.testing.access import MemberFactory, Person
from kezhou.web.records import bulk_job
from tests.web.conftest import CUSTOMERS, Customers
from tests.web.test_lists import LIST

BrowserOf = Callable[[Person], Client]
RunJobs = Callable[[], list[Job]]
EVERYTHING = ListRequest(sums=False)


def owned(person: Person, by: Person) -> int:
    return records.count(person.actor, CUSTOMERS, ListRequest(filter=["owner", "eq", by.pk]))


def left(client: Client, job: Job) -> list[list[str]]:
    """The file that says what was left, without its head and keys."""
    content = b"".join(client.get(f"/files/{job.file}").streaming_content)  # type: ignore[attr-defined]
    return [line[1:] for line in csv.reader(content.decode("utf-8-sig").splitlines()[1:])]


def test_very_many_are_given_away_stopped_and_taken_back(
    boss: Person, seller: Person, customers: Customers, browser_of: BrowserOf, run_jobs: RunJobs
) -> None:
    customers(boss, *(f"第{place:04}家有限公司" for place in range(2000)))
    customers(boss, "最后一家有限公司")
    client = browser_of(boss)
    asked = {"do": "transfer", "all": "1"}

    question = client.post(f"{LIST}bulk", asked).content.decode()
    assert "转移 2001 个客户" in question
    assert "在后台进行，可以离开这一页，也可以停下来、整批撤销。" in question
    with connection.cursor() as cursor:  # somebody presses 停下来 while the second batch is being done
        cursor.execute(
            "CREATE FUNCTION pg_temp.stop() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN NEW.cancel_asked := NEW.cancel_asked OR NEW.done = 1000; RETURN NEW; END'"
        )
        cursor.execute("CREATE TRIGGER stop BEFORE UPDATE ON jobs_job FOR EACH ROW EXECUTE FUNCTION pg_temp.stop()")
    client.post(f"{LIST}bulk", {**asked, "sure": "1", "owner": seller.pk})
    (job,) = run_jobs()
    told = client.get(f"/jobs/{job.pk}", headers={"accept": "application/json"}).json()

    assert (told["state"], told["message"]) == ("cancelled", "已取消。已修改 1,000 条")
    assert owned(boss, seller) == 1000
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER stop ON jobs_job")
    client.post(f"{LIST}bulk", {**asked, "sure": "1", "owner": seller.pk})
    (second,) = run_jobs()
    assert second.result == {"changed": 1001, "same": 1000, "skipped": 0}
    assert owned(boss, seller) == 2001

    Job.objects.filter(pk=second.pk).update(
        action=job.action
    )  # both as one act, so that taking it back is a job as well
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_history SET action = %s WHERE action = %s", [job.action, second.action])
        cursor.execute("UPDATE customers_customer SET action = %s WHERE action = %s", [job.action, second.action])
    client.post(told["undo"])
    (undone,) = run_jobs()
    assert (undone.kind, undone.message) == ("records.undo", "已撤销，共 2,001 条记录")
    assert (owned(boss, seller), owned(boss, boss)) == (0, 2001)
    assert client.get(f"/jobs/{job.pk}", headers={"accept": "application/json"}).json()["undo"] == ""


def test_what_cannot_be_deleted_stays_with_its_reason_and_the_rest_comes_back_by_undo(
    boss: Person, customers: Customers, browser_of: BrowserOf, run_jobs: RunJobs
) -> None:
    busy, parent, child, plain = customers(boss, "有商机的", "总公司", "分公司", "=普通的")
    records.save(boss.actor, CUSTOMERS, [{"pk": child, "parent": parent}]).demand()
    opportunity = {"name": "年度差旅", "customer": busy}
    records.save(boss.actor, "sales.opportunity", [opportunity]).demand()
    spec = records.type_of(boss.actor, CUSTOMERS)

    bulk_job.start_delete(boss.actor, spec, EVERYTHING, title="批量删除客户")
    (job,) = run_jobs()

    assert job.result == {"changed": 3, "same": 0, "skipped": 1}
    assert job.message.startswith("3 条已移到回收站，1 条没有处理：客户“有商机的”还有 1 条销售机会")
    client = browser_of(boss)
    assert [line[0] for line in left(client, job)] == ["有商机的"]
    assert records.pks(boss.actor, CUSTOMERS, EVERYTHING) == [busy]
    changed = {"pk": busy, "remark": "以后再说"}
    records.save(boss.actor, CUSTOMERS, [changed]).demand()
    page = client.get(f"/jobs/{job.pk}").content.decode()
    assert "撤销这一次操作" in page
    client.post(f"/actions/{job.action}/undo", {"next": f"/jobs/{job.pk}"})
    assert sorted(records.pks(boss.actor, CUSTOMERS, EVERYTHING)) == sorted([busy, parent, child, plain])
    assert "已撤销" in client.get(f"/jobs/{job.pk}").content.decode()


def test_undoing_very_many_leaves_what_was_changed_since(
    boss: Person, customers: Customers, browser_of: BrowserOf, run_jobs: RunJobs
) -> None:
    first, second = customers(boss, "甲公司", "乙公司", city="成都")
    action = (
        records.save(boss.actor, CUSTOMERS, [{"pk": first, "city": "眉山"}, {"pk": second, "city": "眉山"}])
        .demand()
        .action
    )
    records.save(boss.actor, CUSTOMERS, [{"pk": second, "city": "乐山"}]).demand()

    bulk_job.start_undo(boss.actor, action)
    (job,) = run_jobs()

    assert job.result == {"changed": 1, "same": 0, "skipped": 1}
    assert left(browser_of(boss), job) == [["乙公司", "客户“乙公司”之后又被修改过，不能撤销。"]]
    cities = [records.get(boss.actor, CUSTOMERS, pk).values["city"] for pk in (first, second)]
    assert cities == ["成都", "乐山"]
    again = take_back_in_parts(boss.actor, action, into=bulk_job.bulk.Outcome(job.action))
    assert (again.changed, [pk for pk, *_why in again.skipped]) == (1, [second])


@pytest.mark.parametrize("kind", ["edit", "delete"])
def test_the_job_asks_the_rights_of_the_moment(
    boss: Person, seller: Person, customers: Customers, member_factory: MemberFactory, run_jobs: RunJobs, kind: str
) -> None:
    mine, theirs = *customers(seller, "我的公司"), *customers(boss, "别人的公司")
    spec = records.type_of(seller.actor, CUSTOMERS)
    edit = bulk_job.bulk.edit_of(seller.actor, spec, "city", "set", "成都")
    if kind == "edit":
        bulk_job.start_edit(seller.actor, spec, EVERYTHING, [edit], title="批量修改客户")
    else:
        bulk_job.start_delete(seller.actor, spec, EVERYTHING, title="批量删除客户")
    records.save(boss.actor, CUSTOMERS, [{"pk": mine, "owner": boss.pk}]).demand()

    (job,) = run_jobs()

    assert job.result.get("changed", 0) == 0
    found = records.get_many(boss.actor, CUSTOMERS, (mine, theirs))
    assert {entry.values["city"] for entry in found.values()} == {None}
