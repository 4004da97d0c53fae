"""Import and export of records: one plan object behind the wizard's pages, the command line and the background job.

The pages (`pages*.py`) and `command.py` call only what is listed here.

`kezhou.exchange.imports`
    begin(actor, file, *, type_key, mode="add") -> ImportBatch      reads sheets, finds header rows, proposes a mapping
    batches(actor) -> tuple[ImportBatch, ...]                        newest first: own ones, all for administrators (IMX-09)
    batch(actor, pk) -> ImportBatch                                  raises RecordNotFound
    sheets(actor, batch) -> tuple[SheetView, ...]                    what the mapping page shows
    targets(actor, type_key) -> tuple[TargetView, ...]               fields that may be written, links by name included
    set_plan(actor, batch, changes) -> ImportBatch                   see its docstring for the shape of `changes`
    set_mode(actor, batch, *, mode, blank_keeps=True) -> ImportBatch
    check(actor, batch) -> Job                                       dry run as a job; fills batch.result
    problems(actor, batch, *, sheet, kind, error=None, page=1) -> ProblemPage
    error_groups(actor, batch, sheet) -> tuple[ErrorGroup, ...]
    fix(actor, batch, *, sheet, row, column, text) / replace(actor, batch, *, sheet, column, old, new) -> int
    run(actor, batch) -> Job                                         the import itself as a job
    error_file(actor, batch) -> File                                 original rows + 错误原因
    undo(actor, batch) -> int                                        takes the import back as a whole, or ExchangeError

`kezhou.exchange.exports`
    exportable(actor, type_key) -> tuple[Column, ...]                what may be chosen; personal data are marked
    start(actor, type_key, *, columns=(), lines=(), filter="", sort="", q="", format="xlsx") -> Job
    recent(actor) -> tuple[ExportLog, ...]                           own ones, all for administrators (IMX-09)
    template(actor, type_key) -> File
`kezhou.exchange.line_sheets`
    line_kinds(actor, spec) -> tuple[LinesSpec, ...]                 kinds of lines that may go along with an export
`kezhou.exchange.whole`
    kinds(actor) -> tuple[TypeSpec, ...]                             what gets a workbook when a company takes its data along
    start(actor) -> Job                                              all of it as a zip, for administrators (BAS-05)
    under_way() -> Job | None                                        the one that is not ended yet

Every function runs inside a tenant with an actor and keeps that actor's rights. What goes wrong for a reason that the user
can mend raises `kezhou.exchange.views.ExchangeError` with a full sentence.
"""
