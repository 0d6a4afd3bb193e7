"""Group projects: topics, talks, ballots, contributions."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        from assignments.speakers import tell_speakers  # noqa: PLC0415  needs loaded models
        from projects import receivers  # noqa: F401, PLC0415  connecting receivers needs loaded models
        from projects.talks.selectors import talking_in  # noqa: PLC0415  needs loaded models

        tell_speakers(talking_in)
