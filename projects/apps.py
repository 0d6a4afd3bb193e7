"""Group projects: what a group hands in, and when."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
