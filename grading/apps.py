"""Turns work into marks: runs, reviews, marks, gradebook, release."""

from django.apps import AppConfig


class GradingConfig(AppConfig):
    name = "grading"

    def ready(self) -> None:
        from grading import receivers  # noqa: F401, PLC0415  connecting the one receiver needs loaded models
