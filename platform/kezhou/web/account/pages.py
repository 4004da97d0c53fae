"""Importing this module declares every page of one's own account."""

from kezhou.web.account import arriving, entrance, expired, password, rights, visit

__all__ = ["arriving", "entrance", "expired", "password", "rights", "visit"]
