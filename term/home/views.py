"""The course's home."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assignments.more_time import waiting_requests
from assignments.selectors import assignments_of
from courses.access import enrolment_or_404
from courses.announcements import announcements_for
from courses.models import Role
from courses.policy.words import rule_sentence
from courses.requests import Page, SignedInRequest
from courses.selectors import current_late_rule
from gradebook.standings import selectors as books
from grading.selectors import queues
from grading.selectors.regrades import waiting_for
from projects.selectors import project_of, topics_that_wait

NEWS = timedelta(days=14)
"""As long an announcement stands on the course's home."""


@login_required
def course_detail(request: SignedInRequest, course: str) -> HttpResponse:
    """The course's home: what is due next and what lateness costs; what did I get; where do I stand."""
    viewer = enrolment_or_404(request.user, course)
    now = timezone.now()
    assignments = [a for a in assignments_of(viewer.course).listed() if viewer.is_staff or a.has_opened(now)]
    page: Page = {
        "viewer": viewer,
        "course": viewer.course,
        "now": now,
        "project": project_of(viewer.course_id),
    }
    page["late_rule"] = rule_sentence(current_late_rule(viewer.course))
    page["announced"] = announcements_for(viewer).filter(posted_at__gte=now - NEWS).first()
    if viewer.is_staff:
        work = queues.work_in_reach(viewer, assignments)
        page["assignments"] = [(a, queues.progress_of(items)) for a, items in zip(assignments, work, strict=True)]
        page["queue"] = queues.queue_state()
        waiting = waiting_requests(viewer) if viewer.role >= Role.TA else {}
        page["regrades"] = waiting_for(viewer).count() if viewer.role >= Role.TA else 0
        page["requests"] = [(a, waiting[a.pk]) for a in assignments if a.pk in waiting]
        page["topics_wait"] = topics_that_wait(viewer, page["project"])
        return render(request, "term/course_staff.html", page)
    rows = books.assignment_items(viewer, assignments)
    page["rows"] = [(a, item, known, item.history.step_at(now)) for a, item, known in rows]
    page["own_rules"] = [assignment for assignment in assignments if assignment.late_rule is not None]
    book = books.gradebook(viewer, [viewer])
    page["standing"] = book.rows[0].standing if book.rows else None
    return render(request, "term/course_student.html", page)
