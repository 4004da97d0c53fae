"""Cache keys carry the tenant's schema (Django's KEY_FUNCTION)."""

from tenants.context import NoTenant, scope

SHARED_PREFIX = "shared"


def key(name: str, prefix: str, version: int) -> str:
    """The stored key: the entered tenant's, or the control plane's.

    Raises:
        NoTenant: no scope is entered.
    """
    now = scope()
    if now is None:
        raise NoTenant(f"The cache key {name!r} was used outside every tenant.")
    place = now.schema if now.tenant is not None else SHARED_PREFIX
    return f"{prefix}:{place}:{version}:{name}"
