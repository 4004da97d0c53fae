"""The log of imports and exports (IMX-09), which is at the same time the state of the wizard."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.exchange.views import SheetCounts


class ImportBatch(models.Model):
    """One import from the uploaded file to its result: who, when, what file, how it was read, what came of it.

    `plan` is how the file is read (`kezhou.exchange.plan`), `edits` the cells corrected in the wizard, `result` the counts
    and messages of the last check or run, `position` how far the import has committed ({sheet index: last row number}),
    written in the transaction of each batch of rows, so that a resumed import repeats and loses nothing.
    """

    class State(models.TextChoices):
        MAPPING = "mapping", _("对应字段")
        CHECKING = "checking", _("正在试算")
        CHECKED = "checked", _("已试算")
        RUNNING = "running", _("正在导入")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")
        CANCELLED = "cancelled", _("已取消")
        UNDONE = "undone", _("已撤回")

    file_pk = models.BigIntegerField()
    file_name = models.CharField(max_length=255)
    encoding = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField(default=0)
    type_key = models.CharField(max_length=100)
    mode = models.CharField(max_length=10, default="add")
    blank_keeps = models.BooleanField(default=True)
    source = models.CharField(max_length=10, default="page")
    plan = models.JSONField(default=dict)
    edits = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    position = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.MAPPING)
    action = models.UUIDField()
    job_pk = models.BigIntegerField(null=True)
    error_file_pk = models.BigIntegerField(null=True)
    member_pk = models.BigIntegerField(null=True)
    member_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["member_pk", "-id"], name="import_of_member")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    @property
    def sheet_counts(self) -> tuple[SheetCounts, ...]:
        """Counts of the last check or run, one entry per sheet that is imported."""
        return tuple(SheetCounts(**counts) for counts in self.result.get("sheets", ()))

    @property
    def counts(self) -> dict[str, int]:
        """Counts over all sheets: new, update, same, twin, wrong, noted."""
        names = ("new", "update", "same", "twin", "wrong", "noted")
        return {name: sum(getattr(sheet, name) for sheet in self.sheet_counts) for name in names}

    @property
    def seconds(self) -> float | None:
        """How long the last run took."""
        taken: Any = self.result.get("seconds")
        return None if taken is None else float(taken)


class ImportRow(models.Model):
    """A row of the last check or run that is not simply new: wrong, twin, update or noted, with its cells as texts.

    `sheet` is the place among the imported sheets, `row` the number in the file, `column` the first column at fault;
    `problems` lists [column or null, sentence].
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="+")
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    kind = models.CharField(max_length=8)
    column = models.SmallIntegerField(null=True)
    sentence = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ["sheet", "row", "id"]
        indexes = [models.Index(fields=["batch", "sheet", "kind", "row"], name="import_row_place")]

    def __str__(self) -> str:
        return f"{self.row}: {self.sentence}"


class ExportLog(models.Model):
    """One export: who, when, which type, under what conditions, how many rows, and the file while it may be fetched."""

    type_key = models.CharField(max_length=100)
    type_label = models.CharField(max_length=100, blank=True)
    format = models.CharField(max_length=10)
    columns = models.JSONField(default=list)
    conditions = models.JSONField(default=dict)
    sentence = models.TextField(blank=True)
    rows = models.IntegerField(null=True)
    file_pk = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField(null=True)
    job_pk = models.BigIntegerField(null=True)
    member_pk = models.BigIntegerField(null=True)
    member_name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["member_pk", "-id"], name="export_of_member")]

    def __str__(self) -> str:
        return f"{self.type_label}, {self.rows} rows"

    @property
    def lines(self) -> tuple[str, ...]:
        """The kinds of lines that go along, by their keys."""
        return tuple(self.conditions.get("lines", ()))
