"""Queries as a tree that knows no engine; each engine renders it."""
