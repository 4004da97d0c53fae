"""When two company names are the same: width, case, blanks and the usual endings do not count."""

import re
import unicodedata

_ENDINGS = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团公司|总公司|公司|集团)$")
_NOISE = re.compile(r"[\s\W_]+", re.UNICODE)


def name_key(name: str) -> str:
    """The form under which company names are compared, at most 120 characters; empty for a name without letters."""
    folded = _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())
    return (_ENDINGS.sub("", folded) or folded)[:120]
