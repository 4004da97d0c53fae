"""The plugins of the test suite."""

pytest_plugins = [
    "kezhou.testing.requirements",
    "kezhou.testing.distribution",
    "kezhou.testing.fixtures",
    "kezhou.testing.access",
    "kezhou.testing.browser",
    "tests.engines",
]
