"""Make sure that the search index of the bench company is there and up to date."""

from search import keeping
from search.engines import engine
from search.engines.base import EngineAway
from tenants.context import tenant
from tenants.directory import find_by_slug


def main(slug: str) -> dict[str, object]:
    """Rebuild it if the engine has none."""
    place = find_by_slug(slug)
    assert place is not None
    with tenant(place):
        try:
            right = keeping.check(engine(), repair=False).right
        except EngineAway:
            right = False
        return {"documents": None if right else keeping.rebuild(engine())}
