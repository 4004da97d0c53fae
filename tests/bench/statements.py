"""How many statements a page takes; run as a process of the installation."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def main(slug: str, session: str, path: str, queries: str) -> dict[str, int]:
    """By name of the query; the second answer counts, as the caches of a process are warm in life as well."""
    client = Client(headers={"host": f"{slug}.localhost"})
    client.cookies["sessionid"] = session
    found = {}
    for name, query in json.loads(queries).items():
        address = f"{path}?{urlencode(query)}"
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        found[name] = len(captured)
    return found
