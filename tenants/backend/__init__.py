"""Django's PostgreSQL backend with a fence: no statement runs outside a scope (`tenants.context`)."""
