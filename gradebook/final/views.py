"""Pages of final grades: the scale, what it makes of the totals, freezing, one student's grade."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404, student_or_404
from courses.history.selectors import latest_changes
from courses.history.services import FINAL
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from gradebook.final import selectors, services
from gradebook.final.forms import ChangeForm, ScaleForm
from gradebook.policy.final_words import scale_sentence
from gradebook.standings.finals import last_freeze, shown_since
from grading.charts import bars_of


@login_required
def final_grades(request: SignedInRequest, course: str) -> HttpResponse:
    """The scale, who gets what by it, who lies near a border; then freezing and showing."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    scale = selectors.scale_of(lecturer.course)
    choosing = "choose" in request.POST or "look" in request.POST
    form = ScaleForm(request.POST) if choosing else ScaleForm(initial=ScaleForm.initial_of(scale))
    if choosing and form.is_valid():
        scale = form.scale
    if request.method == "POST" and not form.errors and _done(request, lecturer, form):
        return redirect("final-grades", course)
    preview = selectors.preview_of(lecturer, scale)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form, "preview": preview}
    page |= {"seen": services.seen_in(preview), "sentence": scale_sentence(scale), "is_proposal": choosing}
    page["chart"] = bars_of([(grade, count, str(count)) for grade, count in preview.distribution])
    page |= {"freeze": last_freeze(lecturer.course), "topic": FINAL}
    page["shown_at"] = shown_since(lecturer.course)
    page["changes"] = latest_changes(lecturer.course, FINAL)
    return render(request, "gradebook/final_grades.html", page, status=422 if form.errors else 200)


def _done(request: SignedInRequest, lecturer: Enrolment, form: ScaleForm) -> bool:
    """Whether the page is to be shown anew."""
    sent = request.POST
    try:
        if "choose" in sent:
            services.choose_scale(by=lecturer, scale=form.scale)
            messages.success(request, "Final grades are made by this scale. Look at them, then freeze them.")
        elif "freeze" in sent:
            reason = clean_text(sent.get("reason", ""))
            count = services.freeze_grades(by=lecturer, reason=reason, seen=sent.get("seen", ""))
            messages.success(request, f"{count} final grade{'' if count == 1 else 's'} frozen.")
        elif "show" in sent or "hide" in sent:
            services.show_finals(by=lecturer, shown="show" in sent)
            said = "Students read their final grade now." if "show" in sent else "Students no longer see it."
            messages.success(request, said)
        else:
            return False
    except services.FinalRefused as refused:
        messages.error(request, str(refused))
    return True


@login_required
def final_change(request: SignedInRequest, course: str, student: int) -> HttpResponse:
    """One student's final grade, what became of it, and another one with a reason."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    person = student_or_404(lecturer, student)
    history = selectors.history_of(person)
    form = ChangeForm(request.POST or None, initial={"grade": history[-1].grade if history else ""})
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.change_final(student=person, by=lecturer, grade=said["grade"], reason=said["reason"])
        except services.FinalRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Changed. {person.user} has this final grade from now on.")
            return redirect("final-grades", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "student": person, "history": history, "form": form}
    return render(request, "gradebook/final_change.html", page, status=422 if form.errors else 200)
