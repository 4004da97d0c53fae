"""Which field types there are, and what a model field says about a standard column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator, RegexValidator
from django.db.models import (
    NOT_PROVIDED,
    DecimalField,
    Field,
    ForeignKey,
    PositiveIntegerField,
    PositiveSmallIntegerField,
)

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.choice import OneOf
from kezhou.records.fields.country import CountryOf
from kezhou.records.fields.credit_code import CreditCode
from kezhou.records.fields.date import Date
from kezhou.records.fields.date_time import DateTime
from kezhou.records.fields.department import DepartmentOf
from kezhou.records.fields.email_address import Email
from kezhou.records.fields.files import FilesOf, PicturesOf
from kezhou.records.fields.identity_card import IdentityCard
from kezhou.records.fields.link import LinkTo
from kezhou.records.fields.long_text import LongText
from kezhou.records.fields.member import MemberOf
from kezhou.records.fields.money import Money
from kezhou.records.fields.multi_choice import SeveralOf
from kezhou.records.fields.number import Number
from kezhou.records.fields.passport import Passport
from kezhou.records.fields.percent import Percent
from kezhou.records.fields.phone import Phone
from kezhou.records.fields.rating import Rating
from kezhou.records.fields.region import RegionOf
from kezhou.records.fields.text import Text
from kezhou.records.fields.time_of_day import TimeOfDay
from kezhou.records.fields.yes_no import YesNo
from kezhou.records.spec import OptionSpec

_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        kind.key: kind()
        for kind in (
            Text,
            LongText,
            Number,
            Money,
            Percent,
            Date,
            DateTime,
            TimeOfDay,
            YesNo,
            OneOf,
            SeveralOf,
            Rating,
            LinkTo,
            MemberOf,
            DepartmentOf,
            RegionOf,
            CountryOf,
            Email,
            Phone,
            CreditCode,
            IdentityCard,
            Passport,
            FilesOf,
            PicturesOf,
        )
    }
)

_LINKS = {"access.member": MemberOf.key, "access.department": DepartmentOf.key}


def field_types() -> Mapping[str, FieldType]:
    """Every field type by key, in the order in which a chooser shows them."""
    return _TYPES


def field_type(key: str) -> FieldType:
    """The field type with this key; KeyError names the known ones."""
    try:
        return _TYPES[key]
    except KeyError:
        raise KeyError(f"There is no field type “{key}”; there are: {', '.join(_TYPES)}.") from None


def field_type_for(model_field: Field[Any, Any]) -> str:
    """The key of the field type of a standard column. TypeError when no field type knows that model field."""
    if model_field.choices:
        return OneOf.key
    if isinstance(model_field, ForeignKey):
        return _LINKS.get(_target(model_field), LinkTo.key)
    for ancestor in type(model_field).__mro__:
        for kind in _TYPES.values():
            if ancestor in getattr(kind, "columns", ()):
                return kind.key
    raise TypeError(
        f"No field type shows {type(model_field).__name__} ({model_field}); use one of kezhou.sdk.records or hide it."
    )


def model_facts(model_field: Field[Any, Any]) -> dict[str, Any]:
    """What the model field says, as keywords of FieldSpec: label, rules, default, options, dictionary, target model.

    `target` is "app_label.model" in lower case; the registry of record types turns it into a type key.
    """
    facts: dict[str, Any] = {
        "label": model_field.verbose_name,
        "help": model_field.help_text,
        "column": model_field.column,
        "required": not model_field.blank,
        "unique": model_field.unique,
        "max_length": model_field.max_length,
        **_limits(model_field),
    }
    if model_field.default is not NOT_PROVIDED and not callable(model_field.default):
        facts["default"] = model_field.default
    if model_field.choices:
        facts["options"] = tuple(OptionSpec(str(key), label) for key, label in model_field.flatchoices)
    if dictionary := getattr(model_field, "dictionary", ""):
        facts["dictionary"] = dictionary
        facts["parent"] = getattr(model_field, "parent", "")
    if fills := getattr(model_field, "fills", ()):
        facts["fills"] = fills
    if isinstance(model_field, ForeignKey):
        facts["target"] = _target(model_field)
    return facts


def _limits(model_field: Field[Any, Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if isinstance(model_field, DecimalField):
        limits["decimals"] = model_field.decimal_places
    elif field_type_for(model_field) == Number.key:
        limits["decimals"] = 0
    if isinstance(model_field, PositiveIntegerField | PositiveSmallIntegerField):
        limits["minimum"] = 0
    # Only what the model says: Django's own `validators` add the database's integer limits and the like.
    said: list[Any] = model_field._validators  # type: ignore[attr-defined]  # not in the stubs
    for validator in said:
        limits |= _limit(validator)
    return limits


def _limit(validator: Any) -> dict[str, Any]:
    if isinstance(validator, MinValueValidator):
        return {"minimum": validator.limit_value}
    if isinstance(validator, MaxValueValidator):
        return {"maximum": validator.limit_value}
    if isinstance(validator, MinLengthValidator):
        return {"min_length": validator.limit_value}
    if isinstance(validator, RegexValidator):
        return {"pattern": re.compile(validator.regex).pattern, "pattern_hint": validator.message}
    return {}


def _target(model_field: ForeignKey[Any, Any]) -> str:
    related = model_field.related_model
    return related.lower() if isinstance(related, str) else str(related._meta.label_lower)
