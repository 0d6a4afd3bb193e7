"""The page on which the lecturer gives single students more time in the whole course."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from assignments.accommodations import (
    AccommodationRefused,
    accommodations_of,
    grant_accommodation,
    withdraw_accommodation,
)
from assignments.models import Accommodation
from assignments.policy import MOST_DAYS, MOST_TIMES
from courses.access import enrolment_or_404, students_in_reach
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, key_in
from gradebook.effects.effect import Trial, tried


class AccommodationForm(forms.Form):
    """Who, how much more time, and why."""

    student = forms.ModelChoiceField(Enrolment.objects.none(), label="Student", empty_label="Choose …")
    times = forms.DecimalField(
        label="Times the time", min_value=1, max_value=MOST_TIMES, decimal_places=2, initial="1.5",
        help_text="Of the time between opening and due time.",
    )  # fmt: skip
    days = forms.IntegerField(
        label="Days more, at least", min_value=0, max_value=MOST_DAYS, initial=0, required=False,
        help_text="Also where an assignment was open from the start.",
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=500, help_text="Only lecturers read it.")

    def __init__(self, *args: object, lecturer: Enrolment) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        students = students_in_reach(lecturer).filter(left_at=None).select_related("user").order_by("user__name")
        self.fields["student"].queryset = students  # type: ignore[attr-defined]
        self.fields["student"].label_from_instance = lambda each: str(each.user)  # type: ignore[attr-defined]

    def clean_days(self) -> int:
        """Nothing is none."""
        return int(self.cleaned_data["days"] or 0)

    def clean(self) -> dict[str, object]:
        """Something more."""
        fields = super().clean() or self.cleaned_data
        if fields.get("times") == 1 and not fields.get("days"):
            self.add_error("times", "Say how much more time: times the time, or days more.")
        return fields


@login_required
def accommodation_list(request: SignedInRequest, course: str) -> HttpResponse:
    """Who has more time in the whole course; giving it and taking it back, with the effect shown first."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    sent = request.POST if request.method == "POST" and "withdraw" not in request.POST else None
    form = AccommodationForm(*([sent] if sent is not None else []), lecturer=lecturer)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form}
    if "withdraw" in request.POST:
        found = _held_or_404(lecturer, request.POST["withdraw"])
        trial = _taken_back(request, lecturer, found)
        if trial.kept:
            messages.success(request, "Taken back. They are told by mail.")
            return redirect("accommodation-list", course)
        page |= {"withdrawn": found, "effect": trial.effect, "seen": trial.seen}
    elif form.is_valid() and (tried_out := _granted(request, lecturer, form)) is not None:
        if tried_out.kept:
            messages.success(request, "Granted. It holds at once, and they are told by mail.")
            return redirect("accommodation-list", course)
        page |= {"effect": tried_out.effect, "seen": tried_out.seen}
    page["held"] = accommodations_of(lecturer.course)
    return render(request, "gradebook/accommodation_list.html", page, status=422 if form.errors else 200)


def _granted(request: SignedInRequest, lecturer: Enrolment, form: AccommodationForm) -> Trial | None:
    """None: it is refused, and the form says why."""

    def change() -> Sequence[str]:
        grant_accommodation(by=lecturer, **form.cleaned_data)
        return ()

    seen, student = request.POST.get("seen", ""), form.cleaned_data["student"]
    try:
        return tried(lecturer.course, change, seen=seen, students=[student])
    except AccommodationRefused as refused:
        form.add_error(None, str(refused))
        return None


def _taken_back(request: SignedInRequest, lecturer: Enrolment, found: Accommodation) -> Trial:
    def change() -> Sequence[str]:
        withdraw_accommodation(accommodation=found, by=lecturer)
        return ()

    return tried(lecturer.course, change, seen=request.POST.get("seen", ""), students=[found.student])


def _held_or_404(lecturer: Enrolment, key: str) -> Accommodation:
    number = key_in(key)
    found = accommodations_of(lecturer.course).select_related("student__course").filter(pk=number).first()
    if found is None:
        raise Http404("No such accommodation")
    return found
