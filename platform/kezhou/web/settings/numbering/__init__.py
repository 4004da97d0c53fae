"""The settings page of numbering rules (NUM-01..03)."""
