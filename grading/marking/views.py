"""Pages about the marking of an assignment: who has which share, who agrees with whom, what the work looks like."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.access import assignment_or_404, work_or_404
from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from grading.marking import selectors, services
from grading.marking.forms import ConflictForm, GradersForm, SampleForm, SecondForm
from grading.papers.submissions import paper_page, report_of
from grading.selectors import queues, statistics
from grading.selectors.grades import item_of
from grading.visibility import visible_result


@login_required
def marking_plan(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Shares, conflicts, second marks."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = assignment_or_404(lecturer, assignment)
    staff, students = selectors.graders_of(lecturer.course), queues.current_students(lecturer)
    sent = {name: request.POST if name in request.POST else None for name in ("share", "draw", "conflict")}
    forms = {
        "share": GradersForm(sent["share"], staff=staff),
        "draw": SampleForm(sent["draw"], staff=staff, prefix="sample"),
        "conflict": ConflictForm(sent["conflict"], staff=staff, students=students),
    }
    if request.method == "POST" and _done(request, lecturer, target, forms):
        return redirect("marking-plan", course, assignment)
    items = queues.submissions_in_reach(lecturer, target)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "forms": forms}
    page["shares"] = selectors.shares_of(target, staff, items)
    page["together"] = selectors.everybody(selectors.pairs_of(target, items))
    page["drawn"], page["done"] = selectors.counts_of_seconds(target)
    page["unshared"] = selectors.unshared(target)
    page["conflicts"] = selectors.conflicts_of(lecturer.course)
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "grading/marking_plan.html", page, status=status)


def _done(request: SignedInRequest, lecturer: Enrolment, target: Assignment, forms: Page) -> bool:
    """Carry out what was sent; whether the page is to be read anew."""
    share, draw, conflict = forms["share"], forms["draw"], forms["conflict"]
    if share.is_valid():
        given = services.share_out_work(assignment=target, graders=share.chosen())
        said = ", ".join(f"{person.user} {count}" for person, count in given.items())
        messages.success(request, f"Shared out: {said}.")
    elif draw.is_valid():
        fields = {"percent": draw.cleaned_data["percent"], "graders": draw.chosen(), "by": lecturer}
        count = services.draw_sample(assignment=target, **fields)
        messages.success(request, f"{count} drawn to be marked a second time.")
    elif conflict.is_valid():
        try:
            services.state_conflict(**conflict.chosen(), by=lecturer)
        except services.MarkingRefused as refused:
            messages.error(request, str(refused))
    elif "take_back" in request.POST:
        messages.success(request, f"{services.take_shares_back(assignment=target)} are nobody’s share again.")
    elif "withdraw" in request.POST:
        services.withdraw_conflict(conflict=selectors.conflict_or_404(lecturer, request.POST["withdraw"]))
    else:
        return not any(form.is_bound for form in forms.values())
    return True


@login_required
def assignment_statistics(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What the work in reach looks like: totals, arrivals, tests, markers."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    items = queues.submissions_in_reach(staff, target)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target}
    page["totals"] = statistics.distribution(items)
    page["arrivals"] = statistics.arrivals(items)
    page["tests"] = statistics.pass_rates(items)
    page["graders"] = statistics.graders(target, items)
    return render(request, "grading/assignment_statistics.html", page)


@login_required
def second_next(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Go to the next that this person is to mark a second time."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    target = assignment_or_404(staff, assignment)
    found = selectors.next_second(staff, target)
    if found is None:
        messages.success(request, "Nothing waits for your second look.")
        return redirect("submission-list", course, assignment)
    return redirect("second-create", course, assignment, found.submission.owner_slug, found.submission.number)


@login_required
def second_create(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Mark it without seeing what the first marker gave."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = work_or_404(staff, assignment, number, owner)
    review = selectors.second_or_404(staff, submission)
    item = item_of(submission)
    rows = [row for row in visible_result(staff, item).rows if row.by_hand]
    form = SecondForm(request.POST if request.method == "POST" else None, rows=rows)
    if form.is_valid():
        services.record_second(review=review, points=form.points())
        messages.success(request, "Saved. It moves no grade.")
        return redirect("second-next", course, assignment)
    answers = queues.written_answers(item.run)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": submission.assignment, "form": form}
    page |= {"submission": submission, "review": review}
    page |= paper_page(submission, notes=(), report=report_of(submission))
    page["cells"] = [(row, points, note, answers.get(row.grade_id, "")) for row, points, note in form.cells()]
    return render(request, "grading/second_create.html", page, status=422 if form.errors else 200)
