"""Text into tokens, the same at index and at query time and for every engine.

Nothing here knows an engine or a record: strings go in, strings come out.
"""
