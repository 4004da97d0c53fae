"""The public site at the base domain: what the product is, sign-up, sign-in by company address, find my company."""
