"""Fields whose values follow from others: formulas, look-ups along a link, and roll-ups over records that point here."""
