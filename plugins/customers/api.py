"""What other plugins may call."""

from datetime import date

from plugins.customers.samples import companies


def sample_names(today: date) -> list[str]:
    """Names of the sample companies in order; the n-th is seeded under the key `customer-n`."""
    return [str(company.values["name"]) for company in companies(today=today)]
