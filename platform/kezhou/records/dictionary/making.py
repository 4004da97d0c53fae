"""Dictionaries of the company's own: made for its own fields to share, renamed, and deleted when no field offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kezhou.records import shape
from kezhou.records.dictionaries import LONGEST_LABEL, DictionaryError, demand_admin, lock
from kezhou.records.fields.reading import clean_line
from kezhou.records.models import CustomField, Dictionary, DictionaryValue

if TYPE_CHECKING:
    from kezhou.access.actor import Actor

OWN = "own.d_"


def rename(actor: Actor, dictionary: str, title: str) -> None:
    """Give a dictionary another title. Raises DictionaryError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        lock(dictionary)
        Dictionary.objects.filter(key=dictionary).update(title=_title(title))
        shape.bump()


def found(actor: Actor, title: str) -> str:
    """Make an empty dictionary of the company's own, for own fields to share; answers its key. Raises DictionaryError, NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'dictionaries', 0))")
        taken = Dictionary.objects.filter(key__startswith=OWN).values_list("key", flat=True)
        numbers = [int(key.removeprefix(OWN)) for key in taken if key.removeprefix(OWN).isdigit()]
        key = f"{OWN}{max(numbers, default=0) + 1}"
        Dictionary.objects.create(key=key, title=_title(title))
        shape.bump()
    return key


def _title(title: str) -> str:
    title = clean_line(title).strip()
    if not title or len(title) > LONGEST_LABEL:
        raise DictionaryError(_("字典的名称要有 1 到 %(limit)s 个字。") % {"limit": LONGEST_LABEL})
    return title


def drop(actor: Actor, dictionary: str) -> None:
    """Delete a dictionary of the company's own that no field offers. Raises DictionaryError and NotAllowed."""
    demand_admin(actor)
    with transaction.atomic():
        row = Dictionary.objects.select_for_update().filter(key=dictionary).first()
        if row is None:
            raise DictionaryError(_("没有名为“%(key)s”的字典。") % {"key": dictionary[:80]})
        if row.plugin:
            raise DictionaryError(_("“%(title)s”是模块自带的字典，不能删除。") % {"title": row.title})
        if CustomField.objects.filter(dictionary=dictionary).exists():
            raise DictionaryError(_("还有字段（包括停用的）在用“%(title)s”，不能删除。") % {"title": row.title})
        DictionaryValue.objects.filter(dictionary_id=dictionary).delete()
        row.delete()
        shape.bump()
