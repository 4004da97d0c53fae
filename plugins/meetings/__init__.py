"""Meetings: venues, rooms and services, and the orders that book them."""
