"""What hangs on records beside their fields: files, files held in fields, comments (SRH-01). Seen with the record, files in fields with
the field as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kezhou import comments
from kezhou.files.texts import keeping
from kezhou.finding.model import Excerpt
from kezhou.records.reading import Entry
from kezhou.records.spec import FieldSpec
from search.analysis.highlight import Marker

MOST_SAID = 200_000
"""Characters of all comments on one record that the index holds."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What hangs on the records of one batch; the texts of files are read record by record, since they may be long."""

    kind: str
    filed: frozenset[int]
    said: Mapping[int, tuple[str, ...]]
    prints: Mapping[int, int]

    def files(self, pk: int) -> tuple[str, ...]:
        """Names and texts of the files on a record, up to what the index holds of one record."""
        if pk not in self.filed:
            return ()
        texts = (text for file in keeping.spoken(self.kind, [pk]) for text in (file.name, file.text) if text)
        return _up_to(keeping.MOST_OF_RECORD, texts)


def papers(kind: str, pks: Iterable[int]) -> Papers:
    """What hangs on these records: four statements however many."""
    wanted = list(pks)
    said: dict[int, list[str]] = {}
    for one in comments.said(kind, wanted):
        said.setdefault(one.record, []).append(one.text)
    texts = {pk: _up_to(MOST_SAID, given) for pk, given in said.items()}
    return Papers(kind, keeping.recorded(kind, wanted), texts, prints(kind, wanted))


def prints(kind: str, pks: Iterable[int] | None = None) -> dict[int, int]:
    """A number by record that changes with its files and comments; of all records of the kind when none are named."""
    found = keeping.prints(kind, pks)
    for pk, number in comments.prints(kind, pks).items():
        found[pk] = found.get(pk, 0) + number
    return found


def held_texts(entry: Entry, field: FieldSpec) -> tuple[str, ...]:
    """Names and texts of the files in one field."""
    held = field.kind.files_of(entry.values.get(field.key))
    told = keeping.told(pk for pk, _name in held)
    texts = (text for pk, name in held for text in (name, told.get(pk, "")) if text)
    return _up_to(keeping.MOST_OF_RECORD, texts)


def _up_to(most: int, texts: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for text in texts:
        if most <= 0:
            break
        kept.append(text[:most])
        most -= len(kept[-1])
    return tuple(text for text in kept if text)


def excerpts(
    mark: Marker, kind: str, pks: Iterable[int], held: Mapping[int, Sequence[tuple[int, str]]]
) -> dict[int, Excerpt]:
    """For each of these records, which the caller has read, the first comment or file in which the words stand.

    `held` names the files in the fields of each record that the caller may see.
    """
    wanted = list(pks)
    if not wanted:
        return {}
    found: dict[int, Excerpt] = {}
    for one in comments.said(kind, wanted):
        if one.record not in found and (inside := mark.passage(one.text)) is not None:
            found[one.record] = Excerpt(_("%(name)s的评论") % {"name": one.name}, inside)
    for file in keeping.spoken(kind, wanted):
        _in_file(found, mark, file.record, file.name, file.text)
    told = keeping.told(pk for files in held.values() for pk, _name in files)
    for record, files in held.items():
        for pk, name in files:
            _in_file(found, mark, record, name, told.get(pk, ""))
    return found


def _in_file(found: dict[int, Excerpt], mark: Marker, record: int, name: str, text: str) -> None:
    if record in found:
        return
    inside = mark.passage(text)
    if inside is not None:
        found[record] = Excerpt(_("在附件“%(name)s”中") % {"name": name}, inside)
        return
    marked, any_marked = mark.mark(name)
    if any_marked:
        found[record] = Excerpt(_("附件"), marked)
