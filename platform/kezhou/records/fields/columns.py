"""Model field classes for standard columns; a plugin's model says with them what Django's own classes cannot say."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField, DecimalField, JSONField, PositiveSmallIntegerField, TextField


class MoneyField(DecimalField):  # type: ignore[type-arg]  # generic in the stubs only
    """An amount in yuan with fen: 18 digits, 2 of them decimals. `minimum=0` refuses negative amounts."""

    def __init__(
        self, *args: Any, minimum: Decimal | int | None = None, maximum: Decimal | int | None = None, **options: Any
    ) -> None:
        options.setdefault("max_digits", 18)
        options.setdefault("decimal_places", 2)
        limits = ((MinValueValidator, minimum), (MaxValueValidator, maximum))
        named = [validator(Decimal(limit)) for validator, limit in limits if limit is not None]
        options["validators"] = [*options.get("validators", ()), *named]
        super().__init__(*args, **options)


class PhoneField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A telephone number in its stored form (see `kezhou.records.fields.phone`)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 40)
        super().__init__(*args, **options)


class CreditCodeField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A unified social credit code, 18 characters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 18)
        super().__init__(*args, **options)


class ChoiceField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """One value of the dictionary with this key, such as `customers.category`, stored by the value's key.

    `parent` names the choice field of the same model that narrows it: only values below the one chosen there fit (CFG-03).
    """

    def __init__(self, *args: Any, dictionary: str = "", parent: str = "", **options: Any) -> None:
        self.dictionary, self.parent = dictionary, parent
        options.setdefault("max_length", 64)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        parent = {"parent": self.parent} if self.parent else {}
        return name, path, args, {**options, "dictionary": self.dictionary, **parent}


class MultiChoiceField(ArrayField):  # type: ignore[type-arg]  # generic in the stubs only
    """Several values of the dictionary with this key, as an array of their keys."""

    def __init__(self, verbose_name: Any = None, *, dictionary: str = "", **options: Any) -> None:
        self.dictionary = dictionary
        options.setdefault("default", list)
        super().__init__(TextField(), verbose_name=verbose_name, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        kept = {key: value for key, value in options.items() if key != "base_field"}
        return name, path, args, {**kept, "dictionary": self.dictionary}


class RegionField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A province, city or district by its code (`kezhou.records.regions`).

    `postcode`, `area_code`, `province` and `city` name fields of the same model that choosing a place fills; they stay editable (CFG-04).
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        named = ((fact, options.pop(fact, "")) for fact in ("postcode", "area_code", "province", "city"))
        self.fills = tuple((fact, key) for fact, key in named if key)
        options.setdefault("max_length", 12)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, **dict(self.fills)}


class CountryField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A country or region by its ISO 3166 code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 2)
        super().__init__(*args, **options)


class PercentField(DecimalField):  # type: ignore[type-arg]  # generic in the stubs only
    """A share in hundredths: 12.5 is 12.5 %."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 12)
        options.setdefault("decimal_places", 4)
        super().__init__(*args, **options)


class RatingField(PositiveSmallIntegerField):  # type: ignore[type-arg]  # generic in the stubs only
    """One to five stars."""


class IdentityCardField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """A number of a resident identity card, 18 characters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 18)
        super().__init__(*args, **options)


class PassportField(CharField):  # type: ignore[type-arg]  # generic in the stubs only
    """Number and expiry of a passport or another travel document (see `kezhou.records.fields.passport`)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 30)
        super().__init__(*args, **options)


class FilesField(JSONField):
    """Files of a record, kept by `kezhou.files` and opened with the rights of the record."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("null", True)
        options.setdefault("blank", True)
        super().__init__(*args, **options)


class PicturesField(FilesField):
    """Pictures of a record."""
