"""When and where next year's course is."""

from django import forms

from term.course_file.forms import PlaceForm


class RolloverForm(PlaceForm):
    """The new term; and whether the staff come along."""

    with_staff = forms.BooleanField(label="Bring the staff along, in the sections of the same names", required=False)
