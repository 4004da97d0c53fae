"""The company of the web tests, whose people assign records to each other."""

from tests.web.conftest import boss, browser_of, customers, seller, shop

__all__ = ["boss", "browser_of", "customers", "seller", "shop"]
