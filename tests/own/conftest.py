"""An administrator and a salesperson of alpha, and a company where customers are on."""

from tests.pages.conftest import admin, administrator, customers_on, salesman, seller

__all__ = ["admin", "administrator", "customers_on", "salesman", "seller"]
