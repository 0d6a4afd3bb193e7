"""The board of who looks for whom, and answering each other."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404
from courses.models import Enrolment
from courses.requests import Page, SignedInRequest, clean_text, key_in
from groups.members.access import group_set_or_404
from groups.members.forms import JoinForm, MakeForm
from groups.members.selectors import group_of
from groups.members.services import GroupRefused
from groups.models import GroupSet
from groups.search import services
from groups.search.selectors import approach_or_none, approaches_for, looking_groups, seekers_of


@login_required
def group_board(request: SignedInRequest, course: str, group_set: str) -> HttpResponse:
    """Who looks for a group, which groups look for somebody, and what waits for one's answer."""
    viewer = enrolment_or_404(request.user, course)
    target = group_set_or_404(viewer, group_set)
    if request.method == "POST":
        _act(request, target, viewer)
        return redirect("group-board", course, group_set)
    group = None if viewer.is_staff else group_of(target, viewer)
    page: Page = {"viewer": viewer, "course": viewer.course, "group_set": target, "group": group}
    page |= {"groups": looking_groups(target), "seekers": seekers_of(target), "now": timezone.now()}
    page |= {"make": MakeForm(), "join": JoinForm()} | approaches_for(viewer, group)
    page["mine"] = next((seeker for seeker in page["seekers"] if seeker.student_id == viewer.pk), None)
    return render(request, "groups/group_board.html", page)


@login_required
@require_POST
def approach_answer(request: SignedInRequest, course: str, group_set: str, approach: int) -> HttpResponse:
    """Yes or no to an invitation or to somebody who wants in."""
    student = enrolment_or_404(request.user, course)
    found = approach_or_none(group_set_or_404(student, group_set), student, approach)
    if found is None:
        raise Http404("Nothing waits for your answer here")
    try:
        accept = "yes" in request.POST
        group = services.answer(approach=found, by=student, accept=accept)
        messages.success(request, f"{found.student.user} is in {group.name} now." if accept else "Declined.")
    except GroupRefused as refused:
        messages.error(request, str(refused))
    return redirect("group-board", course, group_set)


def _act(request: SignedInRequest, group_set: GroupSet, student: Enrolment) -> None:
    """Whatever button was pressed; what came of it as a message."""
    if student.is_staff:
        raise Http404("Staff are in no group")
    sent = request.POST
    text = clean_text(sent.get("text", ""), 300)
    group = sent.get("ask", "")
    number = key_in(group)
    acts: Mapping[str, tuple[Callable[[], object], str]] = {
        "invite": (lambda: services.invite(group_set=group_set, by=student, whom=text), "Invited. They get a mail."),
        "ask": (
            lambda: services.ask_in(group_set=group_set, by=student, group=number, text=text),
            "Asked. Its members get a mail.",
        ),
        "seek": (lambda: services.seek(group_set=group_set, by=student, text=text), "Saved."),
        "looks": (lambda: services.look_for_members(group_set=group_set, by=student, text=text), "Saved."),
        "merge": (lambda: services.merge_by_code(group_set=group_set, by=student, code=text), "You are one group now."),
    }
    act, said = next((acts[name] for name in acts if name in sent), (None, ""))
    if act is None:
        return
    try:
        act()
        messages.success(request, said)
    except GroupRefused as refused:
        messages.error(request, str(refused))
