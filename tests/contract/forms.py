"""What a browser would send for a page's form if nothing were changed."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects the controls of the form with this id as (name, value) pairs, as browsers do."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.inside = False
        self.sent: list[tuple[str, str]] = []
        self._select: str | None = None
        self._first: str | None = None
        self._chosen = False
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form
        name, value = given.get("name"), given.get("value") or ""
        if not self.inside and given.get("form") != self.form:
            return
        if "disabled" in given and tag != "option":
            return
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in {"checkbox", "radio"}:
                if "checked" in given:
                    self.sent.append((name, value or "on"))
            elif kind not in {"submit", "button", "file"}:
                self.sent.append((name, value))
        elif tag == "select" and name:
            self._select, self._first, self._chosen = name, None, False
        elif tag == "option" and self._select:
            self._first = value if self._first is None else self._first
            if "selected" in given:
                self.sent.append((self._select, value))
                self._chosen = True
        elif tag == "textarea" and name:
            self._text = ""
            self.sent.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self._select:
            if not self._chosen and self._first is not None:
                self.sent.append((self._select, self._first))
            self._select = None
        elif tag == "textarea" and self._text is not None:
            name, _ = self.sent.pop()
            self.sent.append((name, self._text.removeprefix("\n")))
            self._text = None


def sent(html: str, form: str) -> dict[str, list[str]]:
    """The names and values that the form with this id would send."""
    reader = FormReader(form)
    reader.feed(html)
    found: dict[str, list[str]] = {}
    for name, value in reader.sent:
        found.setdefault(name, []).append(value)
    return found
