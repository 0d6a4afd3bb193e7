"""What is asked, by when, and what was handed in."""

from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "assignments"
