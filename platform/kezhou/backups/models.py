"""The list of a company's backups; their contents are stored files."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """One backup. `checked_at` and `told` are of the last check; `file` is empty until it is made and after it was deleted."""

    class State(models.TextChoices):
        MAKING = "making", _("正在做")
        GOOD = "good", _("完好")
        BAD = "bad", _("有问题")
        FAILED = "failed", _("没做成")

    state = models.CharField(max_length=8, choices=State.choices, default=State.MAKING)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField(max_length=120, blank=True, help_text="empty: by the schedule")
    job = models.BigIntegerField(null=True)
    file = models.BigIntegerField(null=True)
    size = models.BigIntegerField(default=0, help_text="bytes")
    tables = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=300, blank=True, help_text="what the check or the failure says")

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} {self.state}"
