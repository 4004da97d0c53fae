"""Importing this module declares every page of members, departments and roles."""

from kezhou.web.members import inviting, listing, organisation, person, roles

__all__ = ["inviting", "listing", "organisation", "person", "roles"]
