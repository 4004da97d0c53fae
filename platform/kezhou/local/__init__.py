"""One machine: embedded PostgreSQL and Valkey, the supervisor of all processes, backup and restore.

Nothing in here imports Django: these modules run before the application can load.
"""
