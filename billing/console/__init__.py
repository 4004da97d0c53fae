"""The operator's console, in the tenant `ops`: companies, health, plans, bills. It names no business data and has no way to any."""
