"""Visa cases: the example of a plugin that is a distribution of its own."""
