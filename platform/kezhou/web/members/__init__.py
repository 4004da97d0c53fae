"""Pages on which administrators see to members, departments and roles."""
