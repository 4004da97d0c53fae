"""Names of companies: the key by which twins meet."""

import re

from kezhou.records.folding import fold

_IGNORED = re.compile(r"[\s\"'“”‘’`´·•・.,，。、:：;；!！?？_*~^]+")
_BRACKETS = str.maketrans("[]【】{}〔〕", "()()()()")


def company_key(name: str) -> str:
    """The form in which two names count as one: width, case, script, spaces, kind of bracket and dots do not matter.

    Nothing more is folded: a 有限公司 and a 有限责任公司 of the same name, or a （集团） and a 集团, are in real lists two
    companies, and a wrong twin loses a row.
    """
    return _IGNORED.sub("", fold(name)).translate(_BRACKETS)
