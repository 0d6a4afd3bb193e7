"""The shapes of what is sent about topics."""

from django import forms

from projects.models import Topic


class TopicForm(forms.Form):
    """What a group works on."""

    title = forms.CharField(label="Topic", max_length=200)
    text = forms.CharField(
        label="What you want to do",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Markdown is fine. The problem, the data, and what you would be content with.",
    )


class TopicMessageForm(forms.Form):
    """A word about a topic, of staff perhaps with a decision."""

    text = forms.CharField(
        label="Your words", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    state = forms.ChoiceField(choices=[("", ""), *Topic.State.choices], required=False)
