"""Actions: domain verbs with a form, a right, states in which they can be done, and an entry of their own in the history.

`offering` tells which can be done with a record, `doing` does one for one record or for many.
"""
