"""Documents written into one index."""

from __future__ import annotations

from typing import Any

import tantivy

from search.engines.base import Document
from search.engines.embedded.shape import schema
from search.schema import Field


class EmbeddedBatch:
    """Changes of one commit."""

    def __init__(self, writer: tantivy.IndexWriter) -> None:
        self._writer = writer

    def put(self, document: Document) -> None:
        self.drop(document.uid)
        self.add(document)

    def add(self, document: Document) -> None:
        """Adds a document that is known to be new, as in a rebuild."""
        fields: dict[str, Any] = {f.value: [tokens] for f, tokens in document.tokens.items() if tokens}
        fields |= {
            Field.UID.value: [document.uid],
            Field.KIND.value: [document.kind],
            Field.TERMS.value: list(document.terms),
            Field.CHANGED.value: [document.changed],
            Field.VERSION.value: [document.version],
            Field.SIGN.value: [document.sign.encode()],
            Field.PAPERS.value: [document.papers],
        }
        if document.category:
            fields[Field.CATEGORY.value] = [document.category]
        if document.owner is not None:
            fields[Field.OWNER.value] = [document.owner]
        if document.department is not None:
            fields[Field.DEPARTMENT.value] = [document.department]
        self._writer.add_document(tantivy.Document.from_dict(fields, schema()))

    def drop(self, uid: str) -> None:
        self._writer.delete_documents_by_term(Field.UID.value, uid)
