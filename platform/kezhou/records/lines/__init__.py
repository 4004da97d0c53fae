"""Line items: rows of a type of their own that are edited, saved, locked and told with the record they belong to.

`drafts` reads and checks the rows given inside their parents, `writing` writes them in the parent's statements, `parents` keeps the
parent in step when a line is written by itself, `reading` and `past` show them.
"""
