"""Doors for Celery: each calls one service."""

from celery import shared_task

from courses.services import send_waiting_mail
from grading.services import execution, recomputation, releases, runs
from grading.similarity import services as similarity


@shared_task(name="grading.autograde", acks_late=True, ignore_result=True)
def autograde(*, run_id: int) -> None:
    execution.execute_run(run_id=run_id)


@shared_task(name="grading.sweep", ignore_result=True)
def sweep() -> None:
    runs.sweep()
    similarity.sweep_comparisons()
    releases.release_what_is_due()
    send_waiting_mail()


@shared_task(name="grading.recompute", ignore_result=True)
def recompute() -> None:
    recomputation.recompute()


@shared_task(name="grading.compare", acks_late=True, ignore_result=True)
def compare(*, report_id: int) -> None:
    similarity.compare_notebooks(report_id=report_id)
