"""How far reports are marked, who would talk, and what each confirmed list looks like now."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assignments.models import Assignment
from assignments.owners import name_of
from courses.models import Section
from courses.policy.rounding import rounded
from grading.selectors.grades import ItemGrade, grades_of
from groups.members.selectors import groups_of
from groups.models import Group
from projects.models import Project, Talk, TalkList
from projects.policy.talks import Selection, select
from projects.talks.selectors import standing_marks, talk_lists, talks_of_list

SIX_PLACES = Decimal("0.000001")
"""Equal marks stay equal."""


@dataclass(frozen=True)
class Race:
    """The groups of the course, or of one section, by their raw report mark. `confirmed`: the list, once it stands."""

    section: Section | None
    works: Sequence[ItemGrade]
    places: int
    confirmed: TalkList | None
    talks: Sequence[Talk] = ()

    @property
    def marks(self) -> dict[int, Decimal]:
        """Group pk → raw mark, best first, of the reports that are marked; names decide the order of equals on the page."""
        marked = [(work.owner, work.raw_percent) for work in self.works if work.raw_percent is not None]
        ordered = sorted(marked, key=lambda row: (-row[1], name_of(row[0])))
        return {group.pk: rounded(percent, SIX_PLACES) for group, percent in ordered}

    @property
    def unmarked(self) -> list[ItemGrade]:
        """Reports that were handed in and are not marked yet."""
        return [work for work in self.works if work.raw_percent is None and work.history.handed_in]

    @property
    def selection(self) -> Selection[int]:
        """Who would talk by the marks of now."""
        return select(self.marks, self.places)

    @property
    def rows(self) -> list[tuple[int, ItemGrade, str]]:
        """(rank, work, `chosen`, `tied` or `waiting`), best first; equals share a rank."""
        by_group = {work.owner.pk: work for work in self.works}
        marks, found = self.marks, self.selection
        values = list(marks.values())
        where = dict.fromkeys(found.chosen, "chosen") | dict.fromkeys(found.tied, "tied")
        return [(values.index(mark) + 1, by_group[key], where.get(key, "waiting")) for key, mark in marks.items()]


def ranked_stage(project: Project) -> Assignment | None:
    """The stage whose marks decide; None where the project has no talks or names no such stage."""
    found = next((stage for stage in project.stages.all() if stage.slug == project.talks.get("ranked_by")), None)
    if found is not None:
        found.course, found.group_set = project.course, project.group_set
    return found


def races(project: Project, sections: Sequence[Section]) -> list[Race]:
    """One for the course, or by the project's setting one for each section with groups, and for those without a section."""
    stage = ranked_stage(project)
    if stage is None:
        return []
    groups = groups_of(project.group_set)
    grades = grades_of([stage], groups)
    works = [(group, grades[stage.pk, group.pk]) for group in groups]
    lists = {row.section_id: row for row in talk_lists(project)}
    by_section = bool(project.talks.get("per_section"))
    parts: list[Section | None] = [*sections, None] if by_section else [None]
    found = []
    for section in parts:
        key = section.pk if section else None
        mine = [work for group, work in works if not by_section or group.section_id == key]
        confirmed = lists.get(key)
        talks = talks_of_list(confirmed) if confirmed else []
        found.append(Race(section, mine, int(project.talks["groups"]), confirmed, talks))
    return [race for race in found if race.works or race.confirmed]


def next_in_line(talk_list: TalkList, talks: Sequence[Talk]) -> list[Group]:
    """Who waits, best first, by the marks of the confirmation."""
    spoke = set(Talk.objects.filter(talk_list=talk_list).values_list("group", flat=True))
    waiting = [key for key in standing_marks(talk_list) if key not in spoke]
    groups = Group.objects.in_bulk(waiting)
    return [groups[key] for key in waiting]
