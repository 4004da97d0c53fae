"""What a plugin may use to show things beyond its declared panels: safe cells, money and dates as the product writes them."""

from kezhou.records.fields.base import Format
from kezhou.sdk.hooks import MenuItem

__all__ = ["Format", "MenuItem"]
