"""The REST API: the same field tuples, rights and filters as the pages, as JSON (FLD-02). docs/api.md."""
