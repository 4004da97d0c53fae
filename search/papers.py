"""Where the words of a search stand in the files on a hit (SRH-04): the excerpt comes from the text that was kept."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kezhou.files.texts.keeping import spoken
from kezhou.finding.model import Excerpt
from search.analysis.highlight import Marker


def excerpts_in_files(mark: Marker, kind: str, pks: Iterable[int]) -> dict[int, Excerpt]:
    """For each of these records, which the caller has read, the first file in which the words stand."""
    found: dict[int, Excerpt] = {}
    wanted = list(pks)
    if not wanted:
        return found
    for file in spoken(kind, wanted):
        if file.record in found:
            continue
        inside = mark.passage(file.text)
        if inside is not None:
            found[file.record] = Excerpt(_("在附件“%(name)s”中") % {"name": file.name}, inside)
        else:
            name, marked = mark.mark(file.name)
            if marked:
                found[file.record] = Excerpt(_("附件"), name)
    return found
