"""Pages about what is asked and what was handed in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assignments import format_checks, more_time, selectors, services
from assignments.access import (
    assignment_or_404,
    notebook_or_404,
    own_or_404,
    own_or_none,
    version_or_404,
)
from assignments.anonymity import is_masked
from assignments.extensions import ExtensionRefused, request_extension
from assignments.forms import AssignmentForm, DataFileForm, NotebookForm, PaperForm, VerifyForm, WorkForm
from assignments.inspection import NotebookRefused
from assignments.kinds.registry import CODE, kind_of
from assignments.models import Assignment, DataFile, InstructorNotebook, PendingReplacement
from assignments.receipts import receipt_of
from assignments.skeletons import skeleton_of
from courses import storage
from courses.access import enrolment_or_404
from courses.downloads import attachment
from courses.forms import MoreTimeForm
from courses.models import Enrolment, Role
from courses.policy.words import rule_sentence
from courses.receipts import verified_facts
from courses.requests import Page, SignedInRequest

RECEIVED = "Received. The reference solution is being run now; “What the check found” shows how it goes."
RECEIVED_PLAIN = (
    "Received. No cell is marked for nbgrader or Otter: notebooks will be run and checked for feedback, and earn no "
    "points. If that is not meant, mark answer and test cells and upload again."
)
STARTED = {
    "cells": "Received. Grading has started.",
    "pages": "Received. What the format check found stands below.",
    "lines": "Received. What lies in it is listed below.",
    "": "Received.",
}
FOR_GROUP = " Everybody in your group is told by mail."
ASKED = "Asked. You get a mail when it is decided; until then your due time stays."
ASKED_FOR_GROUP = "Asked. All of you get a mail when it is decided; until then the due time stays."


@login_required
def assignment_list(request: SignedInRequest, course: str) -> HttpResponse:
    """Every assignment: for students those that opened, with what they handed in."""
    viewer = enrolment_or_404(request.user, course)
    assignments = [
        a for a in selectors.assignments_of(viewer.course) if viewer.is_staff or a.has_opened(timezone.now())
    ]
    histories = selectors.histories_for(assignments, [viewer]) if not viewer.is_staff else {}
    rows = [(a, histories.get((a.pk, viewer.pk))) for a in assignments]
    page: Page = {"viewer": viewer, "course": viewer.course, "now": timezone.now()}
    page["rows"] = [row for row in rows if row[0].archived_at is None]
    page["archived"] = [row[0] for row in rows if row[0].archived_at is not None]
    return render(request, "assignments/assignment_list.html", page)


@login_required
def assignment_detail(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """For students: due, what lateness costs now, hand in, versions. For staff: dates, notebook, cells."""
    viewer = enrolment_or_404(request.user, course)
    target = assignment_or_404(viewer, assignment)
    page: Page = {
        "viewer": viewer,
        "course": viewer.course,
        "assignment": target,
        "notebook": selectors.current_notebook(target),
        "files": selectors.data_files_of(target),
    }
    if viewer.is_staff:
        return render(request, "assignments/assignment_staff.html", {**page, "form": NotebookForm()})
    return _student_page(request, page, WorkForm(target))


def _student_page(request: SignedInRequest, page: Page, form: WorkForm) -> HttpResponse:
    target, viewer = page["assignment"], page["viewer"]
    owner = own_or_none(viewer, target)
    page |= {"owner": owner, "group": owner if target.group_set_id else None, "form": form, "file": next(iter(form))}
    if owner is None:
        return render(request, "assignments/assignment_student.html", page)
    history = selectors.history_of(target, owner)
    now, steps = timezone.now(), history.steps()
    here, after = history.step_at(now)
    page |= {"history": history, "form": form, "now": now, "here": here, "after": after, "steps": steps}
    counting = history.counting if target.group_set_id else None
    page["not_for_you"] = counting is not None and not counting.members.filter(pk=viewer.pk).exists()
    page["pending"] = selectors.offer_of(target, owner, now)
    page["waits_for"] = services.reason_to_wait(target, owner)
    page["late_rule"] = rule_sentence(history.rule) if target.late_rule is not None else ""
    page["closed"] = target.archived_at is not None or (history.closes_at is not None and history.closes_at < now)
    return render(request, "assignments/assignment_student.html", page, status=422 if form.errors else 200)


@login_required
def assignment_create(request: SignedInRequest, course: str) -> HttpResponse:
    """A new assignment's title and dates."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    position = selectors.next_position(lecturer.course)
    form = AssignmentForm(request.POST or None, instance=Assignment(course=lecturer.course, position=position))
    if request.method == "POST" and form.is_valid():
        created = services.create_assignment(form.save(commit=False))
        next_step = "upload the instructor notebook" if kind_of(created).has_cells else "look at what it is marked by"
        messages.success(request, f"Created. Next: {next_step}.")
        return redirect("assignment-detail", course, created.slug)
    return render(
        request, "assignments/assignment_form.html", {"viewer": lecturer, "course": lecturer.course, "form": form}
    )


@login_required
def notebook_create(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Upload the instructor's notebook: checked at once for structure, then run by a worker."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = notebook_or_404(lecturer, assignment)
    if request.method != "POST":  # the address stays in the bar after a refused upload; reloading it leads back
        return redirect("assignment-detail", course, assignment)
    form = NotebookForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["notebook"]
        try:
            notebook = services.receive_notebook(assignment=target, by=lecturer, content=file.read(), name=file.name)
        except NotebookRefused as refused:
            form.add_error("notebook", str(refused))
        else:
            if notebook.cells.exists():
                messages.success(request, RECEIVED)
            else:
                messages.warning(request, RECEIVED_PLAIN)
            return redirect("assignment-detail", course, assignment)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "form": form}
    page |= {"notebook": selectors.current_notebook(target), "files": selectors.data_files_of(target)}
    return render(request, "assignments/assignment_staff.html", page, status=422)


@login_required
def student_version(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Download what students work in."""
    viewer = enrolment_or_404(request.user, course)
    notebook = _notebook_or_404(assignment_or_404(viewer, assignment))
    return attachment(storage.read(notebook.student_version), f"{assignment}.ipynb")


@login_required
def data_list(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """The data sets of an assignment; lecturers attach them here."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    form = DataFileForm()
    if request.method == "POST":
        form = DataFileForm(request.POST, request.FILES)
        enrolment_or_404(request.user, course, at_least=Role.LECTURER)
        if form.is_valid():
            file = form.cleaned_data["file"]
            services.attach_data(assignment=target, by=staff, content=file.read(), name=file.name)
            messages.success(request, f"Attached. Notebooks find it as data/{file.name} from their next run on.")
            return redirect("data-list", course, assignment)
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target, "form": form}
    page["files"] = selectors.data_files_of(target)
    return render(request, "assignments/data_list.html", page, status=422 if form.errors else 200)


@login_required
def data_detail(request: SignedInRequest, course: str, assignment: str, name: str) -> HttpResponse:
    """Download a data set, to work with it at home."""
    viewer = enrolment_or_404(request.user, course)
    found = get_object_or_404(DataFile, assignment=assignment_or_404(viewer, assignment), name=name)
    return attachment(storage.read(found.file), found.name)


@login_required
@require_POST
def data_remove(request: SignedInRequest, course: str, assignment: str, name: str) -> HttpResponse:
    """Take a data set away from later runs."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    get_object_or_404(DataFile, assignment=assignment_or_404(lecturer, assignment), name=name).delete()
    messages.success(request, f"Removed. Notebooks no longer find data/{name}.")
    return redirect("data-list", course, assignment)


@login_required
def notebook_source(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Download the instructor's notebook, solutions and hidden tests included."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    notebook = _notebook_or_404(assignment_or_404(staff, assignment))
    return attachment(storage.read(notebook.source), f"{assignment}-instructor-v{notebook.version}.ipynb")


@login_required
def submission_create(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Hand in a file, for oneself or for one's group."""
    student = enrolment_or_404(request.user, course)
    target = assignment_or_404(student, assignment)
    if request.method != "POST":  # the address stays in the bar after a refused upload; reloading it leads back
        return redirect("assignment-detail", course, assignment)
    if student.is_staff:
        messages.error(request, "Staff do not hand in. To try the grading, use a student account.")
        return redirect("assignment-detail", course, assignment)
    form = WorkForm(target, request.POST, request.FILES)
    name = next(iter(form.fields))
    if form.is_valid():
        file = form.cleaned_data[name]
        try:
            received = services.receive_submission(
                assignment=target, owner=own_or_404(student, target), by=student, content=file.read(), name=file.name,
                received_at=request.arrived_at, code=form.sent_code(),
            )  # fmt: skip
        except services.SubmissionRefused as refused:
            form.add_error(name, str(refused))
        except services.NothingChanged:
            messages.info(request, "These are the same bytes as the version that counts. Nothing was changed.")
            return redirect("assignment-detail", course, assignment)
        else:
            if isinstance(received, services.Choice):
                return redirect("replacement-confirm", course, assignment)
            said = STARTED[kind_of(target).shown_as]
            messages.success(request, said + (FOR_GROUP if target.group_set_id else ""))
            return redirect("submission-detail", course, assignment, received.owner_slug, received.number)
    page: Page = {"viewer": student, "course": student.course, "assignment": target}
    page["notebook"] = selectors.current_notebook(target)
    return _student_page(request, page, form)


@login_required
def replacement_confirm(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Both outcomes side by side, before a replacement lowers the factor."""
    student = enrolment_or_404(request.user, course)
    target = assignment_or_404(student, assignment)
    owner = own_or_404(student, target)
    pending = selectors.pending_of(target, owner)
    if pending is None:
        raise Http404("Nothing waits for a yes")
    if request.method == "POST":
        return _decide(request, student, pending)
    choice = services.Choice(pending, selectors.history_of(target, owner))
    if choice.history.speaks:  # since the file came: now there is nothing to weigh
        messages.info(request, "Your group talks now, so slides cost nothing: upload the file once more.")
        return redirect("assignment-detail", course, assignment)
    page: Page = {"viewer": student, "course": student.course, "assignment": target, "choice": choice}
    page["new_late_by"] = choice.history.lateness_at(pending.received_at)
    if kind_of(target).shown_as == "pages":
        page["findings"] = format_checks.check_before_the_yes(pending.file, target, owner).get("findings", [])
    return render(request, "assignments/replacement_confirm.html", page)


def _decide(request: SignedInRequest, student: Enrolment, pending: PendingReplacement) -> HttpResponse:
    where = [student.course.slug, pending.assignment.slug]
    seen = request.POST.get("seen")
    try:
        if request.POST.get("decision") != "replace":
            services.decline_replacement(pending=pending, by=student, seen=seen)
            said = "That file was thrown away." if pending.doubt else "Kept. Your earlier version still counts."
            messages.info(request, said)
            return redirect("assignment-detail", *where)
        submission = services.confirm_replacement(pending=pending, by=student, at=request.arrived_at, seen=seen)
    except services.SubmissionRefused as refused:
        messages.error(request, str(refused))
        return redirect("assignment-detail", *where)
    done = "Handed in as it is" if pending.doubt else "Replaced"
    messages.success(request, f"{done}. This version counts now.")
    return redirect("submission-detail", *where, submission.owner_slug, submission.number)


@login_required
def submission_file(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Download the very bytes that were handed in."""
    viewer = enrolment_or_404(request.user, course)
    submission = version_or_404(viewer, assignment, number, owner)
    kind, content = kind_of(submission.assignment), storage.read(submission.stored)
    if is_masked(viewer, submission.assignment):
        nameless = kind.without_names(content)
        if nameless is None:
            raise Http404("It would name its author: it is shown and not given out")
        content = nameless
    return attachment(content, f"{assignment}-v{number}{kind.ending_of(submission.original_name)}")


@login_required
def submission_code(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Download the code that was handed in beside a paper."""
    viewer = enrolment_or_404(request.user, course)
    submission = version_or_404(viewer, assignment, number, owner)
    if submission.code_file is None or is_masked(viewer, submission.assignment):
        raise Http404("There is none, or it would name its author")
    ending = CODE.ending_of(submission.code_name)
    return attachment(storage.read(submission.code_file), f"{assignment}-v{number}-code{ending}")


@login_required
def submission_receipt(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """The signed receipt as JSON; it names the student, so whoever marks without names has none."""
    viewer = enrolment_or_404(request.user, course)
    submission = version_or_404(viewer, assignment, number, owner)
    if is_masked(viewer, submission.assignment):
        raise Http404("Marked without names")
    receipt = receipt_of(submission, selectors.history_of(submission.assignment, submission.owner))
    answer = JsonResponse(receipt, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="receipt-{assignment}-v{number}.json"'
    return answer


def receipt_verify(request: HttpRequest) -> HttpResponse:
    """Paste a receipt, read whether it is genuine and what it says. Open to anybody."""
    form = VerifyForm(request.POST or None)
    page: Page = {"form": form}
    if request.method == "POST" and form.is_valid():
        page["checked"] = True
        page["facts"] = verified_facts(form.cleaned_data["receipt"])
    return render(request, "assignments/receipt_verify.html", page)


@login_required
def extension_request(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """A student, for a group a member, asks for more time, and reads what was answered."""
    student = enrolment_or_404(request.user, course)
    if student.is_staff:
        return redirect("extension-list", course, assignment)
    target = assignment_or_404(student, assignment)
    owner = own_or_404(student, target)
    due_at = selectors.history_of(target, owner).due_at
    form = MoreTimeForm(request.POST if request.method == "POST" else None, due_at=due_at)
    if form.is_valid():
        try:
            request_extension(assignment=target, owner=owner, by=student, **form.cleaned_data)
        except ExtensionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, ASKED_FOR_GROUP if target.group_set_id else ASKED)
            return redirect("extension-request", course, assignment)
    page: Page = {"viewer": student, "course": student.course, "assignment": target, "form": form, "due_at": due_at}
    page |= {"asked": more_time.requests_of(owner, target), "granted": more_time.extensions_of(owner, target)}
    page["waits"] = any(asked.decided_at is None for asked in page["asked"])
    return render(request, "assignments/extension_request.html", page, status=422 if form.is_bound else 200)


@login_required
def paper_skeleton(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """A paper to begin with, in LaTeX: the sections and questions that are asked for."""
    target = assignment_or_404(enrolment_or_404(request.user, course), assignment)
    if not target.format_rules.get("sections"):
        raise Http404("No sections are asked for")
    text = skeleton_of(title=target.title, rules=target.format_rules, questions=target.questions)
    return attachment(text.encode(), f"{assignment}.tex")


@login_required
def paper_check(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Hold a PDF against the rules without handing it in: nothing is stored."""
    viewer = enrolment_or_404(request.user, course)
    target = assignment_or_404(viewer, assignment)
    if kind_of(target).shown_as != "pages":
        raise Http404("No paper is handed in here")
    form = PaperForm(request.POST, request.FILES) if request.method == "POST" else PaperForm()
    page: Page = {"viewer": viewer, "course": viewer.course, "assignment": target, "form": form}
    if form.is_valid():
        file = form.cleaned_data["paper"]
        try:
            page["report"] = format_checks.look(file.read(), format_checks.rules_of(target))
            page["name"] = file.name
        except format_checks.PaperRefused as refused:
            form.add_error("paper", str(refused))
    return render(request, "assignments/paper_check.html", page, status=422 if form.errors else 200)


def _notebook_or_404(assignment: Assignment) -> InstructorNotebook:
    notebook = selectors.current_notebook(assignment)
    if notebook is None:
        raise Http404("No notebook yet")
    return notebook
