"""Who gives a talk, and how peers rank: the settings of a project that a course file calls `talks` and `ballot`."""

from typing import Any, ClassVar

from django import forms

from projects.models import Project

TALKS = ("groups", "minutes", "ranked_by", "others")
BALLOT = ("least", "highest_mark", "lowest_mark")
HIGHEST = 100


class TalksForm(forms.ModelForm):  # type: ignore[type-arg]
    """Empty numbers: no talks, no ballots."""

    groups = forms.IntegerField(
        label="Groups that give a talk", required=False, min_value=1, max_value=500, help_text="Empty: nobody talks."
    )
    minutes = forms.IntegerField(label="Minutes for each", required=False, min_value=1, max_value=240)
    ranked_by = forms.ChoiceField(label="Chosen by the mark of", required=False)
    others = forms.ChoiceField(
        label="The others make a", choices=[("poster", "poster"), ("talk", "talk")], required=False
    )
    per_section = forms.BooleanField(label="So many in each section", required=False)
    least = forms.IntegerField(
        label="Groups that a ballot ranks at least",
        required=False,
        min_value=2,
        max_value=50,
        help_text="Empty: no ballots.",
    )
    highest_mark = forms.IntegerField(label="Mark of the best", required=False, min_value=0, max_value=HIGHEST)
    lowest_mark = forms.IntegerField(label="Mark of the last", required=False, min_value=0, max_value=HIGHEST)
    by_score = forms.BooleanField(label="Marks by score instead of by rank", required=False)

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = [(stage.slug, stage.title) for stage in self.instance.stages.all()] if self.instance.pk else []
        self.fields["ranked_by"].choices = stages  # type: ignore[attr-defined]
        stands = {**self.instance.talks, **self.instance.ballot}
        stands["by_score"] = stands.get("marks_by") == "score"
        for name, value in stands.items():
            if name in self.fields:
                self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        """What belongs together is there together."""
        sent = super().clean() or self.cleaned_data
        if sent.get("groups") and not (sent.get("minutes") and sent.get("ranked_by")):
            self.add_error("minutes", "Say how long a talk is, and by which stage's mark groups are chosen.")
        highest, lowest = sent.get("highest_mark"), sent.get("lowest_mark")
        if sent.get("least") and (highest is None or lowest is None or lowest > highest):
            self.add_error("highest_mark", "Say the marks of the best and of the last, the best not below the last.")
        return sent

    def save(self, commit: bool = True) -> Project:  # noqa: FBT001, FBT002  as inherited
        """Written as a course file has them."""
        sent = self.cleaned_data
        project: Project = self.instance
        talks = {name: sent[name] for name in TALKS} if sent["groups"] else {}
        ballot = {name: sent[name] for name in BALLOT} if sent["least"] else {}
        project.talks = talks | ({"per_section": True} if talks and sent["per_section"] else {})
        project.ballot = ballot | ({"marks_by": "score"} if ballot and sent["by_score"] else {})
        if commit:
            project.save(update_fields=["talks", "ballot"])
        return project
