"""Engines behind one small interface (`search.engines.base`); the embedded one is tantivy."""
