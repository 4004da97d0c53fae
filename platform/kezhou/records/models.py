"""The engine's own tables in each tenant. None of them is a record; only this package reads and writes them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kezhou.records.numbering.models import NumberCounter, NumberRule, NumberTaken  # noqa: F401  # as below
from kezhou.records.own.models import OwnLine, OwnRecord, OwnType  # noqa: F401  # Django finds the app's models here
from kezhou.records.regions.models import PlaceRow  # noqa: F401  # as above


class Shape(models.Model):
    """One row: the version of the tenant's fields, layouts, roles and plugins. Raised in the transaction that changes one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"shape {self.version}"


class History(models.Model):
    """One change of one record (LOG-02): which record, when, by whom, and old and new value of every changed field.

    `changes` maps a field's key to [old, new] in storage form; of lines it holds the numbers of rows. `kind` is created, changed,
    moved (to another state), acted (by the domain verb `verb`), deleted, restored or purged.
    Rows are only ever inserted.
    """

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    record = models.BigIntegerField()
    version = models.IntegerField()
    kind = models.CharField(max_length=10)
    verb = models.CharField(max_length=40, blank=True, default="", db_default="")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    member = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=20)
    action = models.UUIDField()
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["type", "record", "-id"], name="history_record"),
            models.Index(fields=["action"], name="history_action"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.record}: {self.kind}"


class CustomField(models.Model):
    """A field that the tenant made itself. Its values lie in `custom` under the immutable key `c_<pk>`."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    kind = models.CharField(max_length=30)
    label = models.CharField(max_length=60)
    help = models.CharField(max_length=200, blank=True)
    rules = models.JSONField(default=dict)
    dictionary = models.CharField(max_length=80, blank=True)
    target = models.CharField(max_length=80, blank=True)
    required = models.BooleanField(default=False)
    searchable = models.BooleanField(default=False)
    listed = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False)
    index_state = models.CharField(max_length=10, blank=True)
    unique = models.BooleanField(default=False)
    unique_state = models.CharField(max_length=10, blank=True)
    personal = models.BooleanField(default=False, db_default=False)
    purged_at = models.DateTimeField(null=True)
    purged_by = models.CharField(max_length=100, blank=True)
    purged = models.BigIntegerField(default=0, help_text="how many records lost a value")
    classes = ArrayField(models.CharField(max_length=60), default=list)
    position = models.IntegerField(default=100)
    removed = models.BooleanField(default=False)
    fill_job = models.BigIntegerField(null=True, help_text="the job that computes a derived field's values anew")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["type", "position", "id"], name="customfield_type")]

    def __str__(self) -> str:
        return f"{self.type} c_{self.pk} {self.label}"


class RuleRow(models.Model):
    """A conditional rule that an administrator made (FLD-08); see `kezhou.records.rules`."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    title = models.CharField(max_length=60)
    condition = models.JSONField(default=list)
    effects = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    position = models.IntegerField(default=100)

    class Meta:
        db_table = "records_rule"
        indexes = [models.Index(fields=["type", "position", "id"], name="rule_type")]

    def __str__(self) -> str:
        return f"{self.type} {self.title}"


class Dictionary(models.Model):
    """A list of values that choice fields offer. `key` is what fields name, such as customers.category."""

    key = models.CharField(max_length=80, primary_key=True)
    title = models.CharField(max_length=60)
    plugin = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.key


class DictionaryValue(models.Model):
    """One value of a dictionary; switched off rather than deleted, because records keep its key.

    `parent` is the key of the value above it in the same dictionary; `merged` the key of the value that took its place by `merge`, the
    action that changed the records.
    """

    id = models.BigAutoField(primary_key=True)
    dictionary = models.ForeignKey(Dictionary, models.DO_NOTHING, related_name="+")
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    hue = models.CharField(max_length=10, default="grey")
    position = models.IntegerField(default=100)
    enabled = models.BooleanField(default=True)
    aliases = ArrayField(models.CharField(max_length=60), default=list)
    parent = models.CharField(max_length=60, blank=True, default="")
    default = models.BooleanField(default=False)
    merged = models.CharField(max_length=60, blank=True, default="")
    merge = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dictionary", "key"], name="dictionary_value_key")]

    def __str__(self) -> str:
        return f"{self.dictionary_id}.{self.key}"


class ListPreference(models.Model):
    """The columns, sort and size that a member chose for a list; with `role` the sort and size of everybody of a role, whose
    columns are a `Layout` (QRY-05)."""

    id = models.BigAutoField(primary_key=True)
    member = models.BigIntegerField(null=True)
    role = models.CharField(max_length=60, blank=True)
    type = models.CharField(max_length=80)
    settings = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "role", "type"], name="list_preference_owner", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.member or self.role}"


class Layout(models.Model):
    """One state of one arrangement of a type's pages (FLD-03); only the `current` one is in force, the others are its history.

    `kind` is form, detail, columns, quick or related; `role` and `record_class` are empty for everybody and every class.
    `content` is null where it was put back to what the type declares. Rows are never changed but in `current`.
    """

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    role = models.CharField(max_length=60, blank=True)
    record_class = models.CharField(max_length=60, blank=True)
    content = models.JSONField(null=True)
    current = models.BooleanField(default=True)
    at = models.DateTimeField(auto_now_add=True)
    member = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "kind", "role", "record_class"],
                condition=models.Q(current=True),
                name="layout_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.type} for {self.role or 'everybody'}"


class SavedView(models.Model):
    """A list as somebody set it up and named it (QRY-08): conditions, columns, order, display, in one row.

    `audience` is member, department, roles or all; `state` holds what `kezhou.records.views.ViewState` says. `pinned` shows it
    as a tab to everybody who has it; each member may think otherwise (`ListPreference`).
    """

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    title = models.CharField(max_length=60)
    audience = models.CharField(max_length=12, default="member")
    member = models.BigIntegerField(null=True)
    department = models.BigIntegerField(null=True)
    roles = ArrayField(models.CharField(max_length=60), default=list)
    pinned = models.BooleanField(default=True)
    position = models.IntegerField(default=100)
    state = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["type", "position", "id"], name="savedview_type")]

    def __str__(self) -> str:
        return f"{self.type} view {self.pk} {self.title}"
