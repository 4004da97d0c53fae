"""What files on records say, so that the words inside can be found: read in the background, kept compressed.

`formats` knows PDF, Word, Excel, PowerPoint and plain text and imports no Django; `child` runs it in a process of its own with
limits; `keeping` is the table, the background task, and what the search index reads.
"""
