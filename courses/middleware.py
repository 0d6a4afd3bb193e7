"""When a request began, and which clock its page speaks in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from courses.models import Course

GetResponse = Callable[[HttpRequest], HttpResponse]


class ArrivalTimeMiddleware:
    """Sets `request.arrived_at` before the body is read: a slow upload or a slow server never makes work later."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.arrived_at = timezone.now().replace(microsecond=0)  # type: ignore[attr-defined]  # see SignedInRequest
        return self._get_response(request)


class CourseTimeMiddleware:
    """Pages below /courses/<course>/ show and read times in that course's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override("UTC"):
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: dict[str, Any]) -> None:
        zone = (
            Course.objects.filter(slug=kwargs["course"]).values_list("time_zone", flat=True).first()
            if "course" in kwargs
            else None
        )
        if zone:
            timezone.activate(zone)
