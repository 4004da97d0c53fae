"""Files with text inside, as offices make them."""

from __future__ import annotations

import io

import docx
import openpyxl
from pptx import Presentation
from pptx.util import Inches


def word(*paragraphs: str, cell: str = "") -> bytes:
    """A .docx with paragraphs, and one table cell."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if cell:
        document.add_table(rows=1, cols=1).cell(0, 0).text = cell
    return _saved(document)


def workbook(*cells: object, title: str = "报价") -> bytes:
    """An .xlsx with one row."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = title
    book.worksheets[0].append(cells)
    return _saved(book)


def slides(text: str, *, notes: str = "") -> bytes:
    """A .pptx with one slide."""
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1)).text_frame.text = text
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    return _saved(show)


def pdf(text: str, *, locked: bool = False) -> bytes:
    """A PDF of one line, with a font that says by ToUnicode what its glyphs are."""
    codes = "".join(f"{number:04x}" for number, _ in enumerate(text, 1))
    said = "\n".join(f"<{number:04x}> <{ord(character):04x}>" for number, character in enumerate(text, 1))
    names = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /K def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(text)} beginbfchar\n{said}\nendbfchar\nendcmap end end"
    )
    shown = f"BT /F1 12 Tf 72 720 Td <{codes}> Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        " /Supplement 0 >> /DW 1000 >>",
        f"<< /Length {len(names)} >>\nstream\n{names}\nendstream",
        f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    key = f" /Encrypt 8 0 R /ID [<{'43' * 16}> <{'43' * 16}>]" if locked else ""
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R{key} >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()


def locked_office() -> bytes:
    """What Office writes for a document with a password: a compound file with an encrypted package inside."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)


def _saved(document) -> bytes:  # type: ignore[no-untyped-def]  # three libraries with the same method
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
