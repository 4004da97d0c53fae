"""Values that a form asks for by several inputs side by side, such as the number and the expiry of a passport."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from kezhou.records.fields.base import FieldType
from kezhou.records.fields.reading import is_blank
from kezhou.records.fields.shapes import Context, Control, Format
from kezhou.records.spec import FieldSpec


class Pieced(FieldType):
    """Base of such types: reads a mapping of pieces as well as one text, and draws one control per piece."""

    control_kind = "pieces"

    def parse(self, raw: Any, spec: FieldSpec, context: Context) -> Any:
        if isinstance(raw, Mapping):
            known = {name: raw.get(name) for name in self.pieces}
            return None if all(map(is_blank, known.values())) else self.put_together(known, spec, context)
        return super().parse(raw, spec, context)

    @abstractmethod
    def put_together(self, pieces: Mapping[str, Any], spec: FieldSpec, context: Context) -> Any:
        """The value of its pieces, at least one of which is given. Raises FieldError."""

    @abstractmethod
    def take_apart(self, value: Any, spec: FieldSpec, fmt: Format) -> Mapping[str, str]:
        """The pieces of a value as they stand in the inputs; empty texts for None."""

    @abstractmethod
    def piece_controls(self, spec: FieldSpec, given: Mapping[str, str]) -> tuple[Control, ...]:
        """The controls, in the order of `pieces`, holding what is given."""

    def control(self, spec: FieldSpec, value: Any, fmt: Format | None = None) -> Control:
        return self.filled(spec, self.take_apart(value, spec, fmt or Format()), value, fmt)

    def filled(
        self, spec: FieldSpec, given: Mapping[str, str], value: Any = None, fmt: Format | None = None
    ) -> Control:
        """The control holding these pieces as typed, whatever they are worth."""
        return Control(
            kind="pieces",
            name=spec.key,
            label=str(spec.label),
            required=spec.required,
            help=str(spec.help),
            pieces=self.piece_controls(spec, given),
            attributes=self.attributes(spec),
            note=None if value is None else self.note(value, spec, fmt or Format()),
            noted=self.noted,
        )
