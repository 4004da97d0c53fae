"""States: where a record stands, which ways lead on, what a state demands and locks. The same for pages, API, import and actions.

`checking` is asked by every save, `conditions` evaluates filter trees over values that are not saved yet, `moving` tells and goes the ways,
`locking` says what a state locks, `dwelling` since when a record is in its state.
"""
