"""Fields that share a dictionary, and fields that narrow each other in it (CFG-03)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kezhou.records.dictionaries import DictionaryError
from kezhou.records.models import Dictionary
from kezhou.records.spec import TypeSpec

NARROWS = "choice"
"""The type of field that may stand above another: it holds one value."""


def demand(spec: TypeSpec, dictionary: str, parent: str) -> None:
    """The dictionary exists, and the field above is a choice of the same one. Raises DictionaryError."""
    if dictionary and not Dictionary.objects.filter(key=dictionary).exists():
        raise DictionaryError(_("没有名为“%(key)s”的字典。") % {"key": dictionary[:80]})
    if not parent:
        return
    above = spec.by_key.get(parent)
    if above is None or above.type != NARROWS or above.dictionary != dictionary:
        raise DictionaryError(_("上级字段要是同一类记录里用同一个字典的单选，请重新选择字典或上级字段。"))
