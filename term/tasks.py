"""Doors for Celery: each calls one service."""

from celery import shared_task

from term.archive import services as archive


@shared_task(name="term.export", acks_late=True, ignore_result=True)
def export(*, export_id: int) -> None:
    archive.make_export(export_id=export_id)


@shared_task(name="term.sweep", ignore_result=True)
def sweep() -> None:
    archive.sweep_exports()
