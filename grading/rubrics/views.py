"""The rubric of one cell: items added and changed while people mark, with what a change would do shown first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from assignments.access import assignment_or_404
from assignments.models import Assignment, Submission
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from grading.models import Rubric, RubricItem
from grading.rubrics.forms import GroupForm, ItemForm
from grading.selectors import rubrics as found
from grading.selectors.rubrics import Question
from grading.services import rubrics
from grading.services.rubrics import Regraded


@login_required
def rubric_update(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """`?cell=analysis`: its items, how many have each, and one more. `?back=` leads back to the desk."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    cell = _cell_or_404(target, request.GET.get("cell", ""))
    rubric = found.rubrics_of([target]).get((target.pk, cell.grade_id))
    if source := _source(request, staff, target, cell):
        rubrics.copy_rubric(source=source, assignment=target, grade_id=cell.grade_id)
        messages.success(request, f"Copied from {source.assignment}, {source.grade_id}.")
        return redirect(request.get_full_path())
    form = ItemForm(request.POST if "add" in request.POST else None, rubric=rubric)
    if form.is_valid():
        rubrics.add_item(assignment=target, grade_id=cell.grade_id, **form.cleaned_data)
        messages.success(request, "Added.")
        return redirect(request.get_full_path())
    page: Page = {"viewer": staff, "course": staff.course, "assignment": target, "cell": cell, "form": form}
    page |= {"rubric": rubric, "items": _counted(staff, rubric), "back": _back(request, course, assignment)}
    page |= {"title": cell.title or cell.grade_id, "released": rubrics.is_released(target)}
    page["others"] = found.others_of(staff.course, (target.pk, cell.grade_id))
    if request.method == "POST" and rubric is not None and "add" not in request.POST:
        trial = _try(request, rubric, staff, needs_reason=page["released"])
        if trial.kept:
            messages.success(request, "Saved.")
            return redirect(request.get_full_path())
        page |= {"trial": trial, "shown": _in_reach(staff, trial.moved)}
    wrong = form.errors or ("trial" in page and page["trial"].refused)
    return render(request, "grading/rubric_update.html", page, status=422 if wrong else 200)


@dataclass(frozen=True)
class _Trial:
    """A change that was tried: what it moves, the word for having seen that, why it cannot be, and whether it was kept."""

    moved: Sequence[Regraded]
    seen: str
    refused: Sequence[str]
    kept: bool


def _try(request: SignedInRequest, rubric: Rubric, by: Enrolment, *, needs_reason: bool) -> _Trial:
    """Make the change if it moves no mark, or if exactly what it moves was seen; after a release with a reason."""
    form = GroupForm(request.POST) if "name" in request.POST else ItemForm(request.POST, rubric=rubric)
    reason = clean_text(request.POST.get("reason", ""))
    change = _change(request, rubric, form, by, reason)
    if change is None:
        return _Trial([], "", [f"{error}" for errors in form.errors.values() for error in errors], kept=False)
    with transaction.atomic():
        moved = change()
        seen = rubrics.digest_of(moved)
        refused = _refused(by, moved, reason, needs_reason=needs_reason)
        kept = not refused and (not moved or request.POST.get("seen") == seen)
        transaction.set_rollback(not kept)
    return _Trial(moved, seen, refused if "seen" in request.POST or not moved else [], kept=kept)


def _refused(by: Enrolment, moved: Sequence[Regraded], reason: str, *, needs_reason: bool) -> list[str]:
    if len(_in_reach(by, moved)) < len(moved):
        return ["This would change marks in sections that are not yours: ask your lecturer."]
    return ["Grades were released: say why the rubric changes."] if needs_reason and not reason else []


def _in_reach(by: Enrolment, moved: Sequence[Regraded]) -> list[Regraded]:
    """Those that this person may know of."""
    if by.sees_all_sections:
        return list(moved)
    mine = found.work_in_reach(by, [each.before.submission_id for each in moved])
    return [each for each in moved if each.before.submission_id in mine]


def _change(
    request: SignedInRequest, rubric: Rubric, form: ItemForm | GroupForm, by: Enrolment, reason: str
) -> Callable[[], list[Regraded]] | None:
    """What was asked for: another start, a group, another item, or one item less. None: it was not said well."""
    if isinstance(form, GroupForm):
        return (
            partial(rubrics.set_group, rubric=rubric, by=by, reason=reason, **form.cleaned_data)
            if form.is_valid()
            else None
        )
    if "start" in request.POST:
        full = request.POST["start"] == "full"
        return lambda: rubrics.set_start(rubric=rubric, starts_full=full, by=by, reason=reason)
    item = _item_or_404(rubric, request.POST.get("item", ""))
    if "retire" in request.POST:
        return lambda: rubrics.retire_item(item=item, by=by, reason=reason)
    if not form.is_valid():
        return None
    fields = form.cleaned_data if "group" in request.POST else {**form.cleaned_data, "group": item.group}
    return partial(rubrics.change_item, item=item, by=by, reason=reason, **fields)


def _item_or_404(rubric: Rubric, pk: str) -> RubricItem:
    item = next((item for item in found.current_items(rubric) if f"{item.pk}" == pk), None)
    if item is None:
        raise Http404("No such item")
    return item


def _cell_or_404(assignment: Assignment, grade_id: str) -> Question:
    """A cell of the notebook in use, or a criterion of a paper, that a person marks."""
    asked = next((each for each in found.questions_of(assignment) if each.grade_id == grade_id), None)
    if asked is None:
        raise Http404("No such cell")
    return asked


def _source(request: SignedInRequest, staff: Enrolment, target: Assignment, cell: Question) -> Rubric | None:
    """The rubric that is to be copied, if one was chosen."""
    chosen = request.POST.get("copy", "")
    others = found.others_of(staff.course, (target.pk, cell.grade_id)) if chosen else []
    return next((rubric for rubric in others if str(rubric.pk) == chosen), None)


def _counted(staff: Enrolment, rubric: Rubric | None) -> list[tuple[RubricItem, int, list[Submission]]]:
    """Each item, how many marks have it, and the work among it that this person may read."""
    marks = found.latest_of_rubric(rubric) if rubric else []
    mine = found.work_in_reach(staff, [mark.submission_id for mark in marks])
    counted = []
    for item in found.current_items(rubric):
        having = [mark.submission for mark in marks if item.pk in (mark.rubric or ())]
        counted.append((item, len(having), [work for work in having if work.pk in mine]))
    return counted


def _back(request: SignedInRequest, course: str, assignment: str) -> str:
    """Where the marker came from, if that is a page of ours."""
    back = request.GET.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if back and safe else reverse("assignment-detail", args=[course, assignment])


def address_of_rubric(assignment: Assignment, grade_id: str, back: str) -> str:
    """The page of a cell's rubric that leads back to where the marker is."""
    where = [assignment.course.slug, assignment.slug]
    return reverse("rubric-update", args=where, query={"cell": grade_id, "back": back})
