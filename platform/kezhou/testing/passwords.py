"""A real password hash that costs almost nothing, for tests that sign in often."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """PBKDF2 with one round. Never put it into the product's settings."""

    algorithm = "quick_for_tests"
    iterations = 1
