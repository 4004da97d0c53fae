"""Log lines say which tenant they are about."""

import logging

from tenants.context import scope


class TenantFilter(logging.Filter):
    """Adds ``tenant`` to a log record: the short name, ``control`` or ``-``."""

    def filter(self, record: logging.LogRecord) -> bool:
        now = scope()
        record.tenant = "-" if now is None else now.tenant.slug if now.tenant else "control"
        return True
