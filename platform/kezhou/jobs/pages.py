"""A job for those who wait for it: JSON for programs, a piece of HTML that asks again by itself for pages."""

from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from kezhou import jobs
from kezhou.jobs.models import Job
from kezhou.pages import SIGNED_IN, PageRequest, page
from tenants.states import Need

POLL_SECONDS = 1


def as_json(job: Job) -> dict[str, object]:
    """What a program may know of a job."""
    return {
        "pk": job.pk, "kind": job.kind, "title": job.title, "state": job.state, "done": job.done, "total": job.total,
        "percent": job.percent, "message": job.message, "result": job.result, "file": job.file, "over": job.is_over,
        "undo": _undo(job), "stopping": job.cancel_asked,
    }  # fmt: skip


def _undo(job: Job) -> str:
    """Where its action is taken back; empty when there is nothing to take back."""
    return reverse("action-undo", args=[job.action]) if jobs.undoable(job) else ""


@page("jobs/<int:pk>", access=SIGNED_IN, name="job")
def show(request: PageRequest, pk: int) -> HttpResponseBase:
    """One job of the actor. ``Accept: application/json`` gets JSON, htmx a piece, a browser the page."""
    job = _get(request, pk)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(as_json(job))
    name = "kezhou/jobs/piece.html" if request.headers.get("HX-Request") else "kezhou/jobs/job.html"
    return render(
        request, name, {"job": job, "undo": _undo(job), "poll_seconds": POLL_SECONDS, "crumbs": ({"title": job.title},)}
    )


@page("jobs/<int:pk>/cancel", access=SIGNED_IN, name="job-cancel", methods=("POST",), needs=Need.READ)
def stop(request: PageRequest, pk: int) -> HttpResponseBase:
    """Ask a job to stop, then show it."""
    _get(request, pk)
    jobs.cancel(request.actor, pk)
    return HttpResponseRedirect(f"/jobs/{pk}")


def _get(request: PageRequest, pk: int) -> Job:
    try:
        found: Job = jobs.get(request.actor, pk)
    except jobs.JobNotFound as error:
        raise Http404(str(error)) from error
    return found
