"""Backups of one company: its tables and its files in one zip, made on demand or by a schedule, checked, kept for a while (BAK-01)."""
