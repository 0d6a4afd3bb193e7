"""What the marks add up to: schemes, standings, tables in and out."""

from django.apps import AppConfig


class GradebookConfig(AppConfig):
    name = "gradebook"
