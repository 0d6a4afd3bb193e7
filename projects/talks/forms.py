"""The shapes of what is sent about talks."""

from django import forms

from courses.forms import DueField, LocalDateTimeField
from projects.talks.services import BY_RANK, BY_TOPIC, RANDOM


class PlanForm(forms.Form):
    """When the talks begin, where, and in which order."""

    starts_at = LocalDateTimeField(label="The first one begins")
    place = forms.CharField(label="Where", max_length=100, required=False)
    pause = forms.IntegerField(label="Minutes between", min_value=0, max_value=120, initial=2)
    order = forms.ChoiceField(
        label="Order",
        choices=[(RANDOM, "at random"), (BY_TOPIC, "by topic"), (BY_RANK, "best report last")],
    )


class WithdrawForm(forms.Form):
    """Why a group gives no talk, and until when it hands in instead."""

    reason = forms.CharField(max_length=500, required=False)
    due_at = DueField(required=False)
