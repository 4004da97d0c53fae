"""tantivy, inside the process that searches: one directory per tenant, schema version and build."""

from search.engines.embedded.engine import EmbeddedEngine, key_of

__all__ = ["EmbeddedEngine", "key_of"]
