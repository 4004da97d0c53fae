"""The inbox, assignments as pages, and the one place where a page asks what is new."""
