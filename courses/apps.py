"""People, enrolment, access, calendar, the late rule."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
