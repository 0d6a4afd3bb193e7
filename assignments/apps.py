"""What is asked, by when, and what was handed in."""

from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "assignments"

    def ready(self) -> None:
        from assignments import receivers  # noqa: F401, PLC0415  connecting receivers needs loaded models
