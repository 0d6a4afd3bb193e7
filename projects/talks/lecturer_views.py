"""Pages for the lecturer: who talks, when, the day itself."""

import secrets
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text, keys_in
from grading.selectors.grades import grades_of
from grading.selectors.sheets import sheets_of
from groups.members.selectors import members_now
from projects.access import project_or_404
from projects.models import Project, Talk, TalkList
from projects.selectors import last_stage
from projects.talks import services
from projects.talks.forms import PlanForm, WithdrawForm
from projects.talks.races import Race, next_in_line, races
from projects.talks.selectors import attendance_of, current_talk, programme, talk_or_none


@login_required
def talk_selection(request: SignedInRequest, course: str) -> HttpResponse:
    """How far reports are marked, their ranking, the cut with its ties; once confirmed, the list, its times, who waits."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    project = project_or_404(lecturer)
    found = races(project, list(lecturer.course.sections.all()))
    form = PlanForm(request.POST if "plan" in request.POST else None)
    if request.method == "POST":
        race = _race_or_404(found, request.POST.get("section", ""))
        try:
            said = _done(request, project, race, lecturer, form)
        except services.TalksRefused as refused:
            messages.error(request, str(refused))
        else:
            if said:
                messages.success(request, said)
        if not form.errors:
            return redirect("talk-selection", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "project": project, "form": form}
    page["races"] = [(race, next_in_line(race.confirmed, race.talks) if race.confirmed else []) for race in found]
    return render(request, "projects/talk_selection.html", page, status=422 if form.errors else 200)


def _done(request: SignedInRequest, project: Project, race: Race, lecturer: Enrolment, form: PlanForm) -> str:
    """What was done, in words; nothing where a form is wrong. Raises TalksRefused."""
    sent = request.POST
    if race.confirmed is None:
        if "confirm" not in sent:
            return ""
        picked, reason = keys_in(sent.getlist("picked")), clean_text(sent.get("reason", ""))
        services.confirm_talks(
            project=project, section=race.section, marks=race.marks, picked=picked, by=lecturer, reason=reason
        )
        return "Confirmed. Every group with a marked report is told by mail whether it talks."
    if "withdraw" in sent:
        return _withdrawn(request, race, lecturer)
    return _changed(request, race.confirmed, form)


def _changed(request: SignedInRequest, confirmed: TalkList, form: PlanForm) -> str:
    if "freeze" in request.POST:
        services.freeze_talks(talk_list=confirmed)
        return "Frozen. Nobody moves up any more."
    if "dissolve" in request.POST:
        services.dissolve_talks(talk_list=confirmed)
        return "Taken back. Nothing is confirmed now."
    if not form.is_valid():
        return ""
    services.plan_talks(talk_list=confirmed, seed=secrets.randbelow(2**31), **form.cleaned_data)
    return "Planned. The programme and everybody’s calendar have the times."


def _withdrawn(request: SignedInRequest, race: Race, lecturer: Enrolment) -> str:
    sent = request.POST
    talk = next((each for each in race.talks if str(each.pk) == sent["withdraw"]), None)
    if talk is None:
        raise services.TalksRefused("This talk is not on the list.")
    instead = next(iter(keys_in([sent.get("instead", "")])), None)
    form = WithdrawForm(sent)
    if not form.is_valid():
        raise services.TalksRefused("Nothing was withdrawn: this is no time until when they hand in instead.")
    said = {"reason": form.cleaned_data["reason"], "due_at": form.cleaned_data["due_at"]}
    taken = services.withdraw_talk(talk=talk, by=lecturer, instead=instead, **said)
    return f"Withdrawn. {taken.group} talks instead." if taken else "Withdrawn. Nobody moves up."


def _race_or_404(found: list[Race], section: str) -> Race:
    race = next((each for each in found if str(each.section.pk if each.section else "") == section), None)
    if race is None:
        raise Http404("No such list")
    return race


@login_required
def talk_day(request: SignedInRequest, course: str) -> HttpResponse:
    """The day itself: who talks now, how long, who is next; the clock and the way to each sheet."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    project = project_or_404(staff)
    if request.method == "POST":
        talk = _talk_or_404(project, request.POST.get("talk", ""))
        now: datetime = request.arrived_at
        if "begin" in request.POST:
            services.begin_talk(talk=talk, at=now)
        else:
            services.end_talk(talk=talk, at=now)
        return redirect("talk-day", course)
    page: Page = {"viewer": staff, "course": staff.course, "project": project, "now": timezone.now()}
    page |= {"talks": programme(staff.course), "current": current_talk(project)}
    return render(request, "projects/talk_day.html", page)


@login_required
def talk_review(request: SignedInRequest, course: str, talk: int) -> HttpResponse:
    """One talk: who of the group was there, what its markers gave, and the way to one's own sheet."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    project = project_or_404(staff)
    found = _talk_or_404(project, str(talk))
    if request.method == "POST":
        sheet = services.open_sheet(talk=found, by=staff, at=request.arrived_at)
        return redirect("review-create", course, sheet.assignment.slug, sheet.owner_slug, sheet.number)
    page: Page = {"viewer": staff, "course": staff.course, "talk": found}
    stage = last_stage(project)
    work = grades_of([stage], [found.group])[stage.pk, found.group_id] if stage is not None else None
    page |= {"work": work, "members": attendance_of(found, members_now(found.group))}
    counting = work.history.counting if work is not None else None
    page["sheets"] = list(sheets_of(counting).values()) if counting is not None else []
    return render(request, "projects/talk_review.html", page)


@login_required
@require_POST
def talk_attendance(request: SignedInRequest, course: str, talk: int) -> HttpResponse:
    """Who of the group was there."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    found = _talk_or_404(project_or_404(staff), str(talk))
    there = keys_in(request.POST.getlist("there"))
    was_there = {member: member.pk in there for member in members_now(found.group)}
    services.note_attendance(talk=found, was_there=was_there, by=staff)
    messages.success(request, "Noted who was there.")
    return redirect("talk-review", course, talk)


def _talk_or_404(project: Project, key: str) -> Talk:
    talk = talk_or_none(project, key)
    if talk is None:
        raise Http404("No such talk")
    return talk
