"""The wiring as a Django app, so that its commands are found; starting it makes the broker known."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import celery  # noqa: F401, PLC0415  tasks must find our Celery app, in the web process too
