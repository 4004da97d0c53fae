"""The editor of one rule: what was posted, with parts added, moved and taken away, and the rule that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from kezhou.records.numbering.rules import Part, Rule

DEFAULTS = {"text": "", "category": "", "time": "YYYYMM", "serial": "4"}


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The form's values; `mode` is default, rule or manual."""

    mode: str = "default"
    parts: tuple[Part, ...] = ()
    restart: str = "never"
    per_category: bool = False
    gapless: bool = True
    category_field: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    @classmethod
    def of(cls, rule: Rule) -> RuleForm:
        """A rule as its form."""
        return cls(
            rule.mode,
            rule.parts,
            rule.restart,
            rule.per_category,
            rule.gapless,
            rule.category_field,
            rule.codes,
            rule.version,
        )

    @classmethod
    def read(cls, post: QueryDict) -> RuleForm:
        """From a submitted form. A part whose kind was changed begins with that kind's usual value."""
        rows = zip(post.getlist("kind"), post.getlist("was"), post.getlist("value"), strict=False)
        parts = tuple(Part(kind, value if kind == was else DEFAULTS.get(kind, "")) for kind, was, value in rows)
        version = post.get("version", "")
        return cls(
            post.get("mode", "default"),
            parts,
            post.get("restart", "never"),
            post.get("per_category") == "1",
            post.get("gapless", "1") == "1",
            post.get("category_field", ""),
            {name[5:]: value for name, value in post.items() if name.startswith("code:") and isinstance(value, str)},
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        )

    def edited(self, step: str) -> RuleForm:
        """The form after a press of add:KIND, up:N, down:N or drop:N; anything else leaves it."""
        verb, _colon, what = step.partition(":")
        parts = list(self.parts)
        if verb == "add" and what in DEFAULTS:
            parts.append(Part(what, DEFAULTS[what]))
        place = int(what) if what.isascii() and what.isdigit() else -1
        if verb == "drop" and 0 <= place < len(parts):
            del parts[place]
        other = place + {"up": -1, "down": 1}.get(verb, 0)
        if other != place and 0 <= place < len(parts) and 0 <= other < len(parts):
            parts[place], parts[other] = parts[other], parts[place]
        return replace(self, parts=tuple(parts))

    def rule(self, category: str) -> Rule:
        """The rule that the form means."""
        return Rule(
            mode=self.mode,
            parts=self.parts,
            restart=self.restart,
            per_category=self.per_category,
            gapless=self.gapless,
            category_field=self.category_field,
            category=category,
            codes=self.codes,
            version=self.version,
        )
