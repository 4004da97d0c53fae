"""Elasticsearch, for an installation of more than one web host: shared indexes, a tenant filter in every request.

`ELASTICSEARCH_URL` switches it on; servers 8 and 9 are spoken to by the client of the 8 line. What the smallest
distribution of a server lacks (scripts, queries that delete or update) is not used.
"""
