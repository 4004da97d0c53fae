"""Numbers of records (NUM-01..03): rules that a tenant composes, counters that never give the same number twice.

Without a rule a number is the type's prefix and the row's own serial, made by the INSERT itself. `assign` is called by
the one write path; pages change rules through `set_rule` and `remove_rule`.
"""
