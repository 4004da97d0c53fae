"""Sales: opportunities on the shared customers."""
