"""Make sure that the search index of the bench company is there and up to date."""

from search import keeping
from search.engines import engine
from tenants.context import tenant
from tenants.directory import find_by_slug


def main(slug: str) -> dict[str, object]:
    """Rebuild it if the engine has none."""
    place = find_by_slug(slug)
    assert place is not None
    with tenant(place):
        report = keeping.check(engine(), repair=False)
        if not report.right:
            return {"documents": keeping.rebuild(engine())}
    return {"documents": None}
