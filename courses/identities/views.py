"""Pages on which staff mend who somebody is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404, person_or_404
from courses.identities.forms import IdentityForm, MergeForm
from courses.identities.services import (
    IdentityRefused,
    last_merge,
    may_mend,
    mend_identity,
    merge_accounts,
    merge_plan,
    undo_merge,
)
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from courses.selectors import same_kind_of_people


@login_required
def identity_update(request: SignedInRequest, course: str, person: int) -> HttpResponse:
    """Another name, number, mail address or login."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = person_or_404(lecturer, person)
    form = IdentityForm(request.POST or None, initial=IdentityForm.initial_of(target.user))
    if form.is_valid():
        try:
            changed = mend_identity(person=target, by=lecturer, said=form.cleaned_data)
        except IdentityRefused as refused:
            form.add_error(refused.where, str(refused))
        else:
            said = f"Changed: {', '.join(changed)}." if changed else "Nothing was changed."
            messages.success(request, said)
            return redirect("person-update", course, person)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "person": target, "form": form}
    page["why_not"] = may_mend(target.user, lecturer)
    return render(request, "courses/identity_update.html", page, status=422 if form.errors else 200)


@login_required
def account_merge(request: SignedInRequest, course: str, person: int) -> HttpResponse:
    """Two accounts are one person: what would move, then moving it."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    kept = person_or_404(lecturer, person)
    people = [(each.pk, _said(each)) for each in same_kind_of_people(kept)]
    form = MergeForm(request.POST or None, people=people)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "person": kept, "form": form}
    if form.is_valid():
        closed = person_or_404(lecturer, int(form.cleaned_data["other"]))
        page |= {"plan": merge_plan(kept=kept, closed=closed, by=lecturer), "closed": closed}
        if "merge" in request.POST and not page["plan"].refusals:
            return _merged(request, kept, closed, lecturer)
    return render(request, "courses/account_merge.html", page, status=422 if form.errors else 200)


def _merged(request: SignedInRequest, kept: Enrolment, closed: Enrolment, by: Enrolment) -> HttpResponse:
    user = kept.user
    try:
        merge_accounts(kept=kept, closed=closed, by=by)
        messages.success(request, f"{user} has one account now, {user.username}. You can undo it on the page People.")
    except IdentityRefused as refused:
        messages.error(request, str(refused))
    return redirect("people-list", by.course.slug)


def _said(person: Enrolment) -> str:
    user = person.user
    return " · ".join(part for part in (user.name, user.student_number, user.username, user.email) if part)


@login_required
@require_POST
def account_merge_undo(request: SignedInRequest, course: str) -> HttpResponse:
    """Two accounts again."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    merge = last_merge(lecturer.course)
    if merge is None:
        raise Http404("Nothing was merged")
    try:
        undo_merge(merge=merge, by=lecturer)
        messages.success(request, f"{merge.closed.username} and {merge.kept.username} are two accounts again.")
    except IdentityRefused as refused:
        messages.error(request, str(refused))
    return redirect("people-list", course)
