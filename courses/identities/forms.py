"""The shapes of what is sent about who somebody is."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from courses.models import User
from courses.roster.values import is_number, number_of

LOGIN = re.compile(r"[\w.@+-]{1,150}")


class IdentityForm(forms.Form):
    """Name, number, mail and login of an account."""

    name = forms.CharField(label="Name", max_length=120)
    student_number = forms.CharField(label="Student number", max_length=40, required=False)
    email = forms.EmailField(label="Mail address", max_length=254, required=False)
    username = forms.CharField(label="Login", max_length=150)

    @staticmethod
    def initial_of(user: User) -> dict[str, str]:
        """As the account stands."""
        return {name: getattr(user, name) for name in ("name", "student_number", "email", "username")}

    def clean_name(self) -> str:
        """One line."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_student_number(self) -> str:
        """As rosters read it."""
        number, _ = number_of(self.cleaned_data["student_number"])
        if number and not is_number(number):
            raise forms.ValidationError("A student number is one word of letters and digits.")
        return number

    def clean_email(self) -> str:
        """Addresses are compared without regard to case."""
        return str(self.cleaned_data["email"]).lower()

    def clean_username(self) -> str:
        """As rosters write logins."""
        login = str(self.cleaned_data["username"]).strip().lower()
        if not LOGIN.fullmatch(login):
            raise forms.ValidationError("A login has letters, digits and . @ + - _ only.")
        return login


class MergeForm(forms.Form):
    """With whom an account is the same person."""

    other = forms.ChoiceField(label="The other account")

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = [("", "Choose …"), *((str(pk), name) for pk, name in people)]  # type: ignore[attr-defined]
