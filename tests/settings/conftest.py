"""An administrator and a seller of the company alpha, at their browsers."""

from __future__ import annotations

from tests.pages.conftest import admin, administrator, customers_on, salesman, seller

__all__ = ["admin", "administrator", "customers_on", "salesman", "seller"]
