"""When a request began, and which clock its page speaks in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from courses.models import Course, Enrolment

HEALTH_PATH = "/healthz/"
AS_STUDENT = "as_student_in"
"""In the session: the course at which a member of staff looks as its students do."""
TOO_LARGE = (
    "This is far larger than anything that is handed in: a notebook has at most 10 MB (clear large outputs and save), a PDF "
    "at most 40 MB (make its pictures smaller). Then hand in again.\n"
)
ARCHIVED = "This course is archived: everything can be read, and nothing was changed."
CHANGES_NOTHING = {"student-view", "course-archive", "export-list", "rollover-create"}
"""Forms that are taken in an archived course, too: they change nothing of it, or take it out of the archive."""
READING = {"GET", "HEAD", "OPTIONS"}
TAKES_A_HOLD = {"review-next", "review-create", "second-next", "second-create"}
"""Pages that are for marking: whoever opens one holds the work."""
GetResponse = Callable[[HttpRequest], HttpResponse]


class ArrivalTimeMiddleware:
    """Sets `request.arrived_at` before the body is read: a slow upload or a slow server never makes work later."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.arrived_at = timezone.now().replace(microsecond=0)  # type: ignore[attr-defined]  # see SignedInRequest
        return self._get_response(request)


class HealthMiddleware:
    """`/healthz/` answers before hosts, sessions and redirects are looked at: for supervisors and load balancers."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == HEALTH_PATH:
            return HttpResponse("ok\n", content_type="text/plain")
        return self._get_response(request)


class UploadLimitMiddleware:
    """Turns away what no page takes, before a byte of it is read or stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size = request.META.get("CONTENT_LENGTH") or "0"
        if size.isdigit() and int(size) > settings.LARGEST_REQUEST:
            return HttpResponse(TOO_LARGE, content_type="text/plain; charset=utf-8", status=413)
        return self._get_response(request)


class StudentViewMiddleware:
    """Staff who look at a course as its students do: the doors are told, and nothing can be changed meanwhile."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        course = request.session.get(AS_STUDENT)
        if course and request.user.is_authenticated:
            request.user.as_student_in = course
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Leaving the view and signing out are possible, and everything in other courses."""
        looked_at = request.session.get(AS_STUDENT)
        name = request.resolver_match.url_name if request.resolver_match else ""
        if (
            request.method in {"GET", "HEAD"}
            or name == "student-view"
            or not looked_at
            or kwargs.get("course") != looked_at
        ):
            return None
        messages.info(
            request, "You are looking as a student does, so nothing was changed. Go back to the staff view first."
        )
        return redirect("course-detail", looked_at)


class CourseMiddleware:
    """Pages below /courses/<course>/ show and read times in that course's zone; in an archived one nothing is changed."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override("UTC"):
            return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """One question for both."""
        slug = kwargs.get("course")
        facts = Course.objects.filter(slug=slug).values_list("time_zone", "archived_at").first() if slug else None
        if facts is None:
            return None
        zone, archived_at = facts
        timezone.activate(zone)
        name = request.resolver_match.url_name if request.resolver_match else ""
        changes = name not in CHANGES_NOTHING and (request.method not in READING or name in TAKES_A_HOLD)
        if archived_at is None or not changes or not _is_member(request, slug):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": ARCHIVED}, status=409)
        messages.error(request, ARCHIVED)
        return redirect("course-detail", slug)


def _is_member(request: HttpRequest, slug: object) -> bool:
    """Others are told by the page itself that there is nothing."""
    user = request.user
    return user.is_authenticated and Enrolment.objects.filter(user=user, course__slug=slug, left_at=None).exists()
