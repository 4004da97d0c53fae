"""What a member was told, and of what a member wants to be told nothing."""

from django.db import models


class Notice(models.Model):
    """One sentence for one member, kept as its message id with the `values` in it, so that it is told in the reader's language. It names no record by title: whoever shows it loads the title with the reader's own rights.

    Not a record: nobody but `member` ever reads it. `kind` is what happened, such as mentioned or replied. `cause` is the key
    of what has to be dealt with before a notice that waits leaves the top (`closed_at`).
    """

    member = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    sentence = models.CharField(max_length=300)
    values = models.JSONField(default=dict, db_default={})
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    type = models.CharField(max_length=80, blank=True)
    record = models.BigIntegerField(null=True)
    cause = models.BigIntegerField(null=True)
    by_member = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "-id"], name="notify_of_member"),
            models.Index(fields=["member"], name="notify_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["cause"], name="notify_cause", condition=models.Q(cause__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for member {self.member}"


class Muted(models.Model):
    """A kind of notice that a member does without."""

    member = models.BigIntegerField()
    kind = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="notify_muted_once")]

    def __str__(self) -> str:
        return f"{self.kind} not for member {self.member}"
