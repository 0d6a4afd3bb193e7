"""Releasing: to whom, now or later; holding back; a dry run as the student; taking it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.access import marked_or_404
from assignments.kinds.registry import kind_of
from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from grading.release import selectors
from grading.release.forms import HoldForm, PlanForm, WithdrawForm
from grading.selectors import queues
from grading.selectors.grades import grades_for
from grading.services import releases

Forms = dict[str, PlanForm | HoldForm | WithdrawForm]


@login_required
def release_create(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What a release would show to whom; releasing it, planning it, holding some back, taking it back."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = marked_or_404(lecturer, assignment)
    students = queues.current_students(lecturer)
    data = {name: request.POST if name in request.POST else None for name in ("plan", "hold", "withdraw")}
    forms: Forms = {
        "plan": PlanForm(data["plan"], course=lecturer.course),
        "hold": HoldForm(data["hold"], students=students, auto_id="hold_%s"),
        "withdraw": WithdrawForm(data["withdraw"], auto_id="withdraw_%s"),
    }
    if request.method == "POST" and _done(request, lecturer, target, students, forms):
        return redirect("release-create", course, assignment)
    items = list(grades_for([target], students).values())
    held = list(selectors.holds_of(target))
    back = {hold.student_id for hold in held}
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "forms": forms, "held": held}
    page["ready"] = [i for i in items if i.is_ready and i.student and i.student.pk not in back]
    page["gone"] = [i for i in items if i.is_taken_back and i.student and i.student.pk not in back]
    waits = ("queued", "running", "failed", "review")
    page["waiting"] = [i for i in items if i.state in waits and not i.is_taken_back]
    page["released"] = sum(i.state == "released" for i in items)
    page["shown"] = any(i.shown for i in items)
    page["sections"] = lecturer.course.sections.all()
    page["is_handed_in"] = kind_of(target).is_handed_in
    page["plans"], page["taken_back"] = selectors.plans_of(target), selectors.last_withdrawal(target)
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "grading/release_create.html", page, status=status)


def _done(
    request: SignedInRequest, lecturer: Enrolment, target: Assignment, students: list[Enrolment], forms: Forms
) -> bool:
    """Carry out what was sent; whether the page is to be read anew."""
    plan, hold, withdraw = forms["plan"], forms["hold"], forms["withdraw"]
    try:
        if plan.is_valid():
            releases.plan_release(assignment=target, by=lecturer, **plan.cleaned_data)
            messages.success(request, "Planned. What is complete then is released, and students are told by mail.")
        elif hold.is_valid():
            student = selectors.student_among(students, hold.cleaned_data["student"])
            releases.hold_back(assignment=target, student=student, by=lecturer, reason=hold.cleaned_data["reason"])
            messages.success(request, f"{student.user} is held back.")
        elif withdraw.is_valid():
            count = releases.withdraw_release(assignment=target, by=lecturer, **withdraw.cleaned_data)
            messages.success(request, f"Taken back from {count} students. They are told by mail.")
        elif any(form.is_bound for form in forms.values()):
            return False
        else:
            _undo_or_release(request, lecturer, target, students)
    except releases.ReleaseRefused as refused:
        messages.error(request, str(refused))
    return True


def _undo_or_release(
    request: SignedInRequest, lecturer: Enrolment, target: Assignment, students: list[Enrolment]
) -> None:
    if "lift" in request.POST:
        releases.lift_hold(hold=selectors.hold_or_404(target, request.POST["lift"]), by=lecturer)
    elif "cancel" in request.POST:
        if not releases.cancel_plan(plan=selectors.plan_or_404(target, request.POST["cancel"]), by=lecturer):
            messages.info(request, "It was released already.")
    else:
        _release(request, lecturer, target, students)


def _release(request: SignedInRequest, lecturer: Enrolment, target: Assignment, students: list[Enrolment]) -> None:
    """To those who were chosen, to a section, or, where nothing was chosen, to everybody."""
    if "chosen" in request.POST:
        chosen = set(request.POST.getlist("student"))
        students = [student for student in students if str(student.pk) in chosen]
    if section := request.POST.get("section"):
        students = [student for student in students if section in {str(s.pk) for s in student.sections.all()}]
    try:
        release = releases.release_grades(assignment=target, by=lecturer, students=students)
    except releases.NothingToRelease:
        messages.info(request, "Nothing to release: no complete grade of these students is new.")
    else:
        count = release.grades.count()
        said = (
            f"Released {count} grade{'' if count == 1 else 's'}" if count else "What was taken back is shown no longer"
        )
        messages.success(request, f"{said}. Students are told by mail.")
