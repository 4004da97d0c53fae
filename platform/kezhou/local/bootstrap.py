"""The preparation of the data before a start: every step may be repeated, and stopping in the middle does no harm.

Runs with Django set up, in a process of its own that the supervisor starts.
"""

import hashlib
import importlib
import importlib.util
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

from kezhou.local import prepared
from kezhou.local.installation import Installation
from kezhou.local.run import Login, logins_file
from tenants import directory, provisioning
from tenants import upgrade as tenants_upgrade
from tenants.context import Current
from tenants.states import EFFECTS

Say = Callable[[str], None]
SOME_FAILED = 3
"""The exit code when a company could not be upgraded."""


def bootstrap(say: Say) -> int:
    """Static files, shared schema, snapshot, the operator's own company, upgrades, the demo company.

    Returns the exit code: a company that could not be upgraded is told and does not stop the others.
    """
    collect_static(say)
    code = upgrade(jobs=2, say=say)
    demo(say)
    if code == 0:
        prepared.note(Installation.open(settings.KEZHOU_HOME))
    return 0 if code in {0, SOME_FAILED} else code


def upgrade(*, jobs: int, say: Say) -> int:
    """Shared schema, every company that is behind, the operator's own company, host names; 3 when a company failed."""
    tenants_upgrade.prepare_shared(say)
    outcome = tenants_upgrade.run(jobs, say)
    provisioning.ensure_ops(say)
    name_hosts(say)
    for slug, problem in outcome.failed.items():
        say(f"The company {slug} stays at its earlier version: {problem}")
    if not outcome.done and not outcome.failed:
        say("All companies are up to date.")
    return SOME_FAILED if outcome.failed else 0


def name_hosts(say: Say) -> None:
    """Give every company its name below the base domain, which may have been chosen anew since the last start."""
    for place in directory.tenants(states=EFFECTS):
        host = directory.host_of(place.slug)
        if directory.find_by_host(host) is None:
            directory.add_domain(place, host, primary=True)
            say(f"The company {place.slug} is now found at {host}.")


def demo(say: Say) -> None:
    """The demo company and its sign-ins; an operator who removed it does not get it back."""
    path = logins_file(settings.KEZHOU_HOME)
    if importlib.util.find_spec("kezhou.demo") is None:
        return
    logins = importlib.import_module("kezhou.demo").ensure(say)
    if not logins:
        path.unlink(missing_ok=True)
        return
    place = next(iter(directory.tenants(demo=True)), None)
    values = [
        asdict(Login(title=one.title, address=_now(place, one.address), login=one.login, password=one.password))
        for one in logins
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(values, stream, ensure_ascii=False)


def _now(place: Current | None, address: str) -> str:
    """The same page of the demo company today: port and domain may have changed since it was made."""
    return address if place is None else directory.address_of(place, urlsplit(address).path)


def collect_static(say: Say) -> None:
    """Copy and compress the static files when they changed; two seconds, so not at every start."""
    target = Path(settings.STATIC_ROOT)
    stamp, wanted = target / ".stamp", _static_state()
    if settings.DEBUG or (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        return
    say("Collecting the static files.")
    target.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    stamp.write_text(wanted, encoding="utf-8")


def _static_state() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = os.stat(storage.path(name))
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
