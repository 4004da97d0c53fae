"""``kezhou import FILE --tenant acme --as 周敏``: the wizard's import on the command line, with the same plan."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from kezhou.access.accounts import account_of_member, find_account
from kezhou.access.actor import Actor, System
from kezhou.access.actors import actor_for
from kezhou.exchange import checking, imports, mending, running
from kezhou.exchange.mapping import sheet_view
from kezhou.exchange.matching import PEOPLE
from kezhou.exchange.models import ImportBatch
from kezhou.exchange.rows import INVITE
from kezhou.exchange.views import MODES, ExchangeError
from kezhou.files import storage as files
from kezhou.files.storage import FileRefused
from kezhou.records.linking import by_title
from kezhou.records.spec import RecordError

_WRONG_ROWS, _REFUSED = 1, 2


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a workbook (.xlsx, .xls) or delimited text (.csv)")
    parser.add_argument("--as", dest="member", required=True, help="who imports: sign-in name or the member's name")
    parser.add_argument(
        "--type", default="customers.customer", help="record type of sheets that do not say (%(default)s)"
    )
    parser.add_argument("--mode", choices=tuple(MODES), default="add", help="add, update or both (%(default)s)")
    parser.add_argument("--invite", action="store_true", help="make members for unknown names, not yet invited")
    parser.add_argument("--plan", type=Path, help="JSON with changes to the plan: {sheet index: {columns, values, …}}")
    parser.add_argument("--check", action="store_true", help="only check and count")
    parser.add_argument("--errors", type=Path, help="where to write the rows that did not come in")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when every row came in, was a twin or was the same; 1 with wrong rows, 2 when nothing could be done."""
    try:
        actor = _actor(options.member)
        batch = _begin(actor, options)
        (checking.run_check if options.check else running.run_import)(actor, batch, _tell(quiet=options.json))
    except (RecordError, FileRefused, OSError) as refused:
        sys.stderr.write(f"{refused}\n")
        return _REFUSED
    counts = batch.counts
    if options.errors and (counts["wrong"] or counts["twin"]):
        shutil.copyfile(files.location(actor, mending.error_file(actor, batch).pk), options.errors)
    _print(batch, as_json=options.json)
    return _WRONG_ROWS if counts["wrong"] else 0


def _actor(named: str) -> Actor:
    account = find_account(named)
    pk = account.member_id if account is not None else None
    if pk is None:
        pk = by_title(System("the command line names who imports"), {PEOPLE: [named]}).get((PEOPLE, named))
    actor = actor_for(pk) if pk is not None else None
    if actor is None or account_of_member(actor.member_pk) is None:
        raise ExchangeError(f"没有可以登录的成员“{named}”，请用 --as 给出登录名或姓名。")
    return actor


def _begin(actor: Actor, options: argparse.Namespace) -> ImportBatch:
    with options.file.open("rb") as stream:
        file = files.store(actor, options.file.name, stream, purpose="import")
    batch = imports.begin(actor, file, type_key=options.type, mode=options.mode, source="command")
    if options.plan:
        changes = {int(index): change for index, change in json.loads(options.plan.read_text("utf-8")).items()}
        batch = imports.set_plan(actor, batch, changes)
    if options.invite:
        batch = imports.set_plan(actor, batch, invitations(actor, batch))
    imports.demand_ready(actor, batch)
    batch.state = ImportBatch.State.CHECKING if options.check else ImportBatch.State.RUNNING
    batch.save(update_fields=["state"])
    return batch


def invitations(actor: Actor, batch: ImportBatch) -> dict[int, dict[str, dict[int, dict[str, str]]]]:
    """Changes of the plan by which every unknown name becomes a member who is not yet invited."""
    return {
        sheet["index"]: {
            "values": {
                column.index: {value.text: INVITE for value in column.values if value.problem}
                for column in sheet_view(actor, sheet, mode=batch.mode).columns
                if column.people
            }
        }
        for sheet in batch.plan["sheets"]
    }


def _tell(*, quiet: bool) -> checking.Tell:
    def tell(done: int, total: int, message: str) -> None:
        if not quiet:
            sys.stderr.write(f"\r{message}")
            sys.stderr.flush()
            if done >= total:
                sys.stderr.write("\n")

    return tell


def _print(batch: ImportBatch, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(
            json.dumps({"import": batch.pk, **batch.result, "counts": batch.counts}, ensure_ascii=False) + "\n"
        )
        return
    for sheet in batch.sheet_counts:
        counts = f"新增 {sheet.new}，更新 {sheet.update}，未变 {sheet.same}，重复 {sheet.twin}，错误 {sheet.wrong}"
        sys.stdout.write(f"{sheet.title}：{counts}\n")
    for note in batch.result.get("notes", ()):
        sys.stdout.write(f"{note}\n")
    sys.stdout.write(f"编号 {batch.pk}，用时 {batch.seconds:.1f} 秒。\n")
