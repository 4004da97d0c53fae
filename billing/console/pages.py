"""The pages of the operator's console; each is declared when its module is loaded."""

from billing.console import pages_bills, pages_companies, pages_health, pages_plans

MODULES = (pages_companies, pages_health, pages_plans, pages_bills)
