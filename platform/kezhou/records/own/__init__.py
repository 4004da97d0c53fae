"""Record types that a tenant makes itself, without code.

A definition is a row of `OwnType`; it compiles (`compiling`) into an ordinary `TypeSpec`, so every reader serves it like a
declared type. Its records are rows of `OwnRecord`, its line items rows of `OwnLine`, told apart by `own_type`; its fields are the
tenant's own fields. `defining` makes and changes definitions, `outlines` shows them to pages, `purging` removes one for good.
"""
