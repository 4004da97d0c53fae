"""What workers load of the pages: tasks of the public site and the kinds of jobs that settings start."""

from __future__ import annotations

from kezhou.web.public.tasks import find_companies
from kezhou.web.records.bulk_job import bulk_edit_job
from kezhou.web.settings.jobs import switch
from kezhou.web.settings.own.jobs import purge

__all__ = ["bulk_edit_job", "find_companies", "purge", "switch"]
