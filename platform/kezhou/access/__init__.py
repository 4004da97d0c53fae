"""Who may do what: accounts, members, departments, roles, policies, entitlements."""
