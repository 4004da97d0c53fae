"""The labels of the apps that live in the shared schema, in every tenant, or in tenants that switched them on."""

from collections.abc import Iterable
from functools import lru_cache

from django.apps import apps
from django.conf import settings


def _labels(entries: Iterable[str]) -> frozenset[str]:
    wanted = set(entries)
    return frozenset(
        config.label
        for config in apps.get_app_configs()
        if config.name in wanted or f"{type(config).__module__}.{type(config).__qualname__}" in wanted
    )


@lru_cache(maxsize=1)
def shared_labels() -> frozenset[str]:
    """Apps of the control plane."""
    return _labels(settings.SHARED_APPS)


@lru_cache(maxsize=1)
def core_labels() -> frozenset[str]:
    """Apps whose tables every tenant has from its first moment."""
    return _labels(settings.TENANT_APPS)


@lru_cache(maxsize=1)
def plugin_labels() -> frozenset[str]:
    """Apps whose tables a tenant gets when it first switches the plugin on; the label is the plugin's name."""
    return _labels(settings.PLUGIN_APPS)
