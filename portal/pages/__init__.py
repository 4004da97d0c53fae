"""The pages of the portal, and those of the company's people about it."""
