"""What a course is about, when it meets, whom to ask, and what counts how much."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.policy.words import rule_sentence
from courses.requests import Page, SignedInRequest
from courses.selectors import current_late_rule, outline_of
from gradebook.policy.words import scheme_sentences
from gradebook.schemes.scheme import balances
from gradebook.standings.selectors import current_components, tree_of
from projects.selectors import project_of


@login_required
def syllabus(request: SignedInRequest, course: str) -> HttpResponse:
    """Topics, materials, people, calendar, weights and the rules on late work."""
    viewer = enrolment_or_404(request.user, course)
    components = current_components(viewer.course)
    tree = tree_of(components)
    page: Page = {"viewer": viewer, "course": viewer.course, "outline": outline_of(viewer.course)}
    page["week"] = viewer.course.calendar.week_of(timezone.now().astimezone(viewer.course.zone).date())
    if tree is not None and tree.children:
        names = {str(component.pk): component.name for component in components}
        page |= {"weights": balances(components)[1:], "sentences": scheme_sentences(tree, names)}
        page["late_rule"] = rule_sentence(current_late_rule(viewer.course))
    page["project"] = project_of(viewer.course_id)
    return render(request, "term/syllabus.html", page)
