"""The shapes of what an invited person sends."""

from django import forms


class CodeForm(forms.Form):
    """A code from paper."""

    code = forms.CharField(
        label="Code",
        max_length=60,
        help_text="As it stands on your paper, such as ABCD-EFGH-JKMN-PQRS.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
