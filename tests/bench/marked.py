"""Three companies whose records carry a mark of their own."""

from django.contrib.auth.hashers import make_password

from kezhou import records, switching
from kezhou.access.actor import System
from kezhou.access.models import Account
from tenants.context import tenant
from tenants.directory import find_by_slug
from tenants.provisioning import NewAdministrator, NewTenant, provision
from tests.bench.data import TYPE, session_of

MARKS = {"mark-a": "甲甲印", "mark-b": "乙乙印", "mark-c": "丙丙印"}


def main() -> dict[str, object]:
    """Make them, with 200 customers each and a running session of the administrator."""
    system = System("benchmark data")
    facts: dict[str, object] = {}
    for slug, mark in MARKS.items():
        place = find_by_slug(slug) or provision(
            NewTenant(
                slug=slug, name=f"{mark}公司",
                administrator=NewAdministrator(name="管理员", username="admin", password_hash=make_password(None)),
            )
        )  # fmt: skip
        with tenant(place):
            if "customers" not in place.plugins:
                switching.switch_on(system, ("customers", "sales"))
                rows = [{"name": f"{mark}{number}商旅"} for number in range(200)]
                records.save(system, TYPE, rows, twins="allow", source="system").demand()
            facts[slug] = {
                "mark": mark,
                "session": session_of(Account.objects.get(username="admin")),
                "pks": list(records.query(system, TYPE).order_by("pk").values_list("pk", flat=True)[:100]),
            }
    return facts
