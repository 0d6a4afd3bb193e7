"""A course's term as a whole: home, calendar, course files, set-up, rollover, demo."""

from django.apps import AppConfig


class TermConfig(AppConfig):
    name = "term"
