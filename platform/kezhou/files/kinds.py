"""What a file really is, from its first bytes: names lie, and only what is on this list is ever shown inside a page."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
INLINE = PICTURES | {"application/pdf"}
TEXTS = frozenset({".txt", ".md", ".log", ".json", ".xml", ".yaml", ".yml", ".ini"})
TABLES = frozenset({".csv", ".tsv"})
_NEVER = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "application/javascript"})
HEAD = 512


def sniffed(head: bytes, name: str) -> str:
    """The media type: by content for what may be shown, otherwise by name, and never one that a browser would run."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return "application/octet-stream" if guessed in INLINE | _NEVER else guessed


def preview(media_type: str, name: str) -> str:
    """How a page shows it: picture, pdf, table, text, or "" for what is only downloaded."""
    if media_type in PICTURES:
        return "picture"
    if media_type == "application/pdf":
        return "pdf"
    suffix = PurePosixPath(name.lower()).suffix
    return "table" if suffix in TABLES else "text" if suffix in TEXTS else ""


ICONS = {
    ".pdf": "file-type-pdf", ".doc": "file-type-doc", ".docx": "file-type-docx", ".xls": "file-spreadsheet",
    ".xlsx": "file-spreadsheet", ".csv": "file-type-csv", ".ppt": "file-type-ppt", ".pptx": "file-type-ppt",
    ".zip": "file-zip", ".rar": "file-zip", ".7z": "file-zip", ".txt": "file-text", ".mp3": "file-music",
    ".m4a": "file-music", ".wav": "file-music", ".mp4": "movie", ".mov": "movie",
}  # fmt: skip


def icon_of(media_type: str, name: str) -> str:
    """The picture that stands for a file in a list."""
    if media_type in PICTURES:
        return "photo"
    return ICONS.get(PurePosixPath(name.lower()).suffix, "file")
