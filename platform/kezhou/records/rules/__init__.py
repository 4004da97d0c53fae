"""Conditional rules: what a form shows, demands, locks and offers, and what is refused, depending on the record's own values."""
