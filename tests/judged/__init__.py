"""A judged set for Chinese search: a generated corpus and queries with known right answers (issue of `search/`).

Nothing here imports `search`: what is right is decided by how the records were made, not by what an engine finds.
"""
