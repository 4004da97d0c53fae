"""Shortcuts (快捷方式, UIX-08): each member's own links to functions, saved queries and records, in the order they like."""
