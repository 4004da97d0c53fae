"""Assignments as they are kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an assignment stands: open, or closed by one of three ends."""

    OPEN = "open", _("待处理")
    DONE = "done", _("已完成")
    RETURNED = "returned", _("已退回")
    WITHDRAWN = "withdrawn", _("已收回")


class Assignment(models.Model):
    """One record given to a member, or to a department until one of its members takes it.

    `receiver` is the name as it was; `answer` what was said when it was closed. Not a record: its record's rights decide who sees it,
    besides the two sides.
    """

    type = models.CharField(max_length=80)
    record = models.BigIntegerField()
    member = models.BigIntegerField(null=True)
    department = models.BigIntegerField(null=True)
    receiver = models.CharField(max_length=120)
    by_member = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120)
    due_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["type", "record"], name="assignments_record"),
            models.Index(fields=["member"], name="assignments_member", condition=models.Q(state="open")),
            models.Index(fields=["department"], name="assignments_department", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk} of {self.type} {self.record}"
