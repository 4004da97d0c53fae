"""Customers and contacts: the shared records to which every other business module points (PLT-13)."""
