"""Course files: the five blueprints load and come back as they were; what is wrong is said with its path."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st

from courses.course_file.reading import CourseFileError, read_course_file, write_course_file
from courses.course_file.yaml import YamlError, read_yaml, write_yaml
from courses.models import Course, Enrolment
from gradebook.models import Component
from gradebook.policy.tree import is_publishable
from gradebook.standings.selectors import current_components, tree_of
from grading.models import Criterion
from term.course_file.dump import course_file_of
from term.course_file.load import load_course
from term.setup.gaps import gaps_of
from tests import factories as make

MONDAY = date(2026, 9, 7)
BLUEPRINTS = sorted((Path(__file__).resolve().parents[2] / "courses" / "blueprints").glob("*.yaml"))
SMALL = "course: {slug: c, title: C, term: T, language: en, time_zone: Asia/Shanghai, weeks: 4}\n"


def loaded(text, **options):
    return load_course(read_course_file(text.encode(), week_one=MONDAY), week_one=MONDAY, **options)


def test_all_five_courses_are_there():
    assert [path.stem for path in BLUEPRINTS] == [
        "ecnu-dl-module", "help-dl-workshop", "sustech-cs324", "xmu-dl-2020", "xmu-dl-2025",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_loads_and_is_dumped_as_it_was(path):
    out = StringIO()
    call_command("loadcourse", path, "--start", "2026-09-07", stdout=StringIO())

    call_command("dumpcourse", path.stem, stdout=out)

    assert out.getvalue() == path.read_text()


@pytest.mark.django_db
@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprints_weights_can_be_published(path):
    tree = tree_of(current_components(loaded(path.read_text())))

    assert tree is None or is_publishable(tree)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "item", "opens", "due"),
    [
        ("xmu-dl-2025", "backpropagation", "2026-10-05", "2026-11-01"),
        ("sustech-cs324", "gan-vae", "2026-11-09", "2026-12-06"),
    ],
)
def test_weeks_become_instants(slug, item, opens, due):
    path = next(path for path in BLUEPRINTS if path.stem == slug)

    assignment = loaded(path.read_text()).assignments.get(slug=item)

    zone = assignment.course.zone
    assert f"{assignment.opens_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" == f"{opens} 00:00:00"
    assert f"{assignment.due_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" == f"{due} 23:59:59"


@pytest.mark.django_db
def test_a_course_whose_tas_are_not_known_says_so_and_can_be_published():
    course = loaded(next(path for path in BLUEPRINTS if path.stem == "xmu-dl-2020").read_text())

    decisions = [gap.said for gap in gaps_of(course)]

    assert "Teaching assistant: not known yet how many." in decisions
    assert any(decision.startswith("No late rule") for decision in decisions)
    course.is_published = True
    course.full_clean()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The file: object was expected, not null."),
        ("- 1", "The file: object was expected, not [1]."),
        ("course: {slug: c", "Line 1: expected ',' or '}', but got '<stream end>'."),
        ("a: 1\na: 2", "Line 2: the key “a” stands twice or is no text."),
        ("a: &x 1\nb: *x", "Line 2: aliases (*name) are not read."),
        ("course: {slug: c, title: C}", "course: “term”, “language”, “time_zone”, “weeks” is missing."),
        (SMALL + "late: 1", ("The file: “late” is not known here; known are course, contact, holidays, sections, staff, "
         "topics, materials, late_rule, groups, marks, assignments, project, scheme, final_grades.")),
        (SMALL.replace("Shanghai", "Shangai"), "course.time_zone: “Asia/Shangai” is not a time zone such as Asia/Shanghai."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: wek 2}]",
         "assignments[0].due: “wek 2” is not a time such as “week 8”, “week 8 friday 18:00” or “2026-10-25 23:59”."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 2, due: week 1}]",
         "assignments[0].due: “week 1” is not after “week 2”, when it opens."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 5}]",
         "assignments[0].due: “week 5”: the course has weeks 1 to 4."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 3, closes: week 2}]",
         "assignments[0].closes: “week 2” is before “week 3”, when it is due."),
        (SMALL + "topics: [{title: T, weeks: 3-9}]", "topics[0].weeks: “3-9” is not within weeks 1 to 4."),
        (SMALL + "materials: [{kind: song, title: T}]",
         "materials[0].kind: “song” is none of notes, slides, book, reading, software, data, homework, rule."),
        (SMALL + "staff: [{role: ta, section: A}]", "staff[0].section: there is no “A”; known are none."),
        (SMALL + "sections: [{name: A}, {name: A}]", "sections: “A” stands 2 times."),
        (SMALL + "scheme: {parts: [{name: X, weight: 100}]}",
         "scheme.parts[0]: exactly one of “assignment”, “stage”, “entered”, “parts” was expected."),
        (SMALL + "scheme: {parts: [{name: X, weight: 130, entered: true}]}", "scheme.parts[0].weight: 130 is more than 100."),
        (SMALL + "scheme: {parts: [{name: X, weight: 100, assignment: b}]}",
         "scheme.parts[0].assignment: there is no “b”; known are none."),
        (SMALL + "scheme: {drop: 1, best: 1, parts: [{name: X, weight: 100, entered: true}]}",
         "scheme: “drop” and “best” say the same thing twice: keep one."),
        (SMALL + "late_rule: {beyond: 0.5, cut_off_days: 1, tiers: [{days: 1, inclusive: true, factor: 0.4}]}",
         None),
        (SMALL + "late_rule: {beyond: 0.9, tiers: [{days: 1, inclusive: true, factor: 0.4}]}",
         "late_rule: Factors must lie between 0 and 1 and never rise with lateness."),
        (SMALL + "project: {title: P, smallest_group: 4, largest_group: 3, stages: [{slug: s, title: S, due: week 1}]}",
         "project.largest_group: is smaller than the smallest group."),
        (SMALL + "holidays: [{name: H, first_day: 2026-10-08, last_day: 2026-10-01}]",
         "holidays[0].last_day: “2026-10-01” is before “2026-10-08”."),
        (SMALL + "holidays: [{name: H, first_day: 2026-02-30, last_day: 2026-03-01}]",
         "holidays[0]: day is out of range for month."),
        (SMALL + "holidays: [{name: H, first_day: 2026-09-14, last_day: 9999-12-31, pauses: true}]",
         "holidays: date value out of range."),
        (SMALL + 'sections: [{name: A, meets: [{name: L, day: friday, from: "18:00", to: "16:00"}]}]',
         "sections[0].meets[0].to: “16:00” is not after “18:00”."),
        (SMALL + 'sections: [{name: A, meets: [{name: L, day: friday, from: "25:99", to: "26:00"}]}]',
         "sections[0].meets[0]: hour must be in 0..23."),
        (SMALL + "late_rule: {beyond: 0, tiers: [{days: 9999999, inclusive: true, factor: 0.5}]}",
         "late_rule: Nothing in a late rule lasts longer than 10000 days."),
        (SMALL + "project: {title: P, smallest_group: 3, largest_group: 3, stages: [{slug: s, title: S, due: 0001-01-01 00:30}]}",
         "project.stages[0].due: “0001-01-01 00:30”: the year must lie from 2000 to 2100."),
        (SMALL + "groups: [{slug: g, title: G, smallest_group: 3, largest_group: 2}]",
         "groups[0].largest_group: is smaller than the smallest group."),
        (SMALL + "groups: [{slug: g, title: G, smallest_group: 1, largest_group: 2, groups_fixed: wek 2}]",
         "groups[0].groups_fixed: “wek 2” is not a time such as “week 8”, “week 8 friday 18:00” or “2026-10-25 23:59”."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2, groups: pairs}]",
         "assignments[0].groups: there is no “pairs”; known are none."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2, questions: [Why so]}]",
         "assignments[0].questions: is said of a paper or files: “kind” is missing."),
        (SMALL + "assignments: [{slug: s, title: A, opens: week 1, due: week 2}]\n"
         "project: {title: P, smallest_group: 3, largest_group: 3, stages: [{slug: s, title: S, due: week 2}]}",
         "assignments and stages: “s” stands 2 times."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2, kind: paper, groups: project}]\n"
         "project: {title: P, smallest_group: 3, largest_group: 3, stages: [{slug: s, title: S, due: week 2}]}",
         "assignments[0].groups: a paper of the project's groups is one of the project's “stages”."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2, late_rule: {tiers: [], beyond: 0.5}}]",
         "assignments[0].late_rule.tiers: [] should be non-empty."),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2, late_rule: {cut_off_days: 3}}]",
         "assignments[0].late_rule: Not a late rule: KeyError('beyond')"),
        (SMALL + "assignments: [{slug: a, title: A, opens: week 1, due: week 2,"
         " late_rule: {beyond: 0.5, slip_days: {total: 2, each: 1}}}]",
         "assignments[0].late_rule.slip_days: slip days are the course's: say them there."),
        ("a: !decimal NaN", "“NaN” is no number."),
        ("a: !!int abc", "A value cannot be read: invalid literal for int() with base 10: 'abc'."),
        (SMALL + "holidays: [{name: H, first_day: 2026-13-01, last_day: 2026-13-02, pauses: true}]",
         "holidays: month must be in 1..12."),
    ],
)  # fmt: skip
def test_every_problem_names_its_path_and_what_was_expected(text, problem):
    if problem is None:
        assert read_course_file(text.encode(), week_one=MONDAY)
        return
    with pytest.raises(CourseFileError) as refused:
        read_course_file(text.encode(), week_one=MONDAY)

    assert refused.value.problems == [problem]


@pytest.mark.parametrize(
    ("raw", "says"), [(b"\xff\xfe\x00", "not UTF-8"), (b"#" * (2 << 20), "at most"), (b"[" * 5000, "nested too deeply")]
)
def test_what_is_no_text_is_refused(raw, says):
    with pytest.raises(CourseFileError, match=says):
        read_course_file(raw, week_one=MONDAY)


def test_yaml_has_no_surprises():
    assert read_yaml("a: no\nb: 10:30\nc: 0.10\nd: 2026-01-01\ne: 1e5\nf: 012\ng: true\nh: 7") == {
        "a": "no", "b": "10:30", "c": Decimal("0.10"), "d": "2026-01-01", "e": "1e5", "f": "012", "g": True, "h": 7,
    }  # fmt: skip
    with pytest.raises(YamlError):
        read_yaml("!!python/object/apply:os.system ['true']")


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.sampled_from(
    ["no", "1.5", "12", "a\nb"]
)
values = st.recursive(
    texts | st.integers() | st.booleans() | st.decimals("-99", 99, places=3, allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_what_is_written_is_read_again(value):
    assert read_yaml(write_yaml(value)) == value


lines = (
    st.text(st.characters(categories=["L", "N"], include_characters=" ,:-"), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
weeks = st.integers(1, 16)


@st.composite
def schemes(draw, slugs):
    """Parts of every kind, one level deep, in whatever weights."""
    leaves = [{"entered": True}, *({"assignment": slug} for slug in slugs)]
    weight = st.decimals(0, 100, places=2) | st.integers(0, 100)
    part = st.builds(
        lambda name, weight, leaf: {"name": name, "weight": weight, **leaf}, lines, weight, st.sampled_from(leaves)
    )
    rules = draw(
        st.sampled_from([{}, {"drop": 1}, {"best": 2}, {"minimum": Decimal("40.5")}, {"better_of": True}, {"cap": 105}])
    )
    group = {
        "name": draw(lines),
        "weight": draw(weight),
        **rules,
        "parts": draw(st.lists(part, min_size=1, max_size=3)),
    }
    return {"parts": [*draw(st.lists(part, max_size=3)), group]}


@st.composite
def contents(draw):
    """A course of any shape that the schema knows."""
    slugs = draw(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=3, unique=True))
    facts = {"term": draw(lines), "language": "en", "time_zone": "Europe/Berlin", "weeks": 16}
    slot = {"name": "Lab", "day": "friday", "from": "10:00", "to": "11:40"}
    limits = draw(st.sampled_from([{}, {"minutes": 30, "queue": "gpu"}]))
    kinds = [
        {},
        {"kind": "paper", "with_code": "required"},
        {"kind": "paper", "questions": ["Why?"], "format": {"pages": 2}},
        {"groups": "pairs"},
        {
            "kind": "files",
            "questions": ["Why?"],
            "late_rule": {
                "tiers": [{"days": 1, "inclusive": True, "factor": Decimal("0.9")}],
                "beyond": Decimal("0.5"),
            },
        },
        {"late_rule": {"beyond": Decimal(1)}},
    ]
    pairs = {"slug": "pairs", "title": draw(lines), "smallest_group": 1, "largest_group": draw(weeks)}
    fixed = draw(st.sampled_from([{}, {"groups_fixed": "2026-10-01 12:00"}]))
    content = {
        "course": {"slug": "made", "title": draw(lines), **facts},
        "contact": [{"name": draw(lines), "address": draw(lines), "enrolled_only": True}],
        "holidays": [{"name": draw(lines), "first_day": "2026-10-01", "last_day": "2026-10-08", "pauses": True}],
        "sections": [{"name": name, "meets": [slot]} for name in draw(st.sets(lines, max_size=2))],
        "topics": [{"title": draw(lines), "weeks": f"{draw(weeks)}"}],
        "groups": [{**pairs, **fixed}],
        "assignments": [
            {"slug": slug, "title": draw(lines), "opens": f"week {n}", "due": f"2027-01-0{n} 18:00", **limits}
            | draw(st.sampled_from(kinds))
            for n, slug in enumerate(slugs, start=1)
        ],
        "scheme": draw(schemes(slugs)),
    }
    return {key: value for key, value in content.items() if value}


@pytest.mark.django_db
@given(contents())
@quick(max_examples=40, deadline=None)
def test_dump_of_a_loaded_course_is_the_file(content):
    Component.objects.all().delete()
    Criterion.objects.all().delete()
    Course.objects.all().delete()
    text = write_course_file(content)

    course = loaded(text)

    assert write_course_file(course_file_of(course)) == text


MORE = (
    SMALL
    + """
contact:
  - {name: QQ group, address: "123", link: "https://qm.example/q"}
marks: [Attendance]
final_grades: {kind: own, rounding: up, failed: Fx, steps: [{grade: A, from: 87.5}, {grade: F, from: 0}]}
"""
)


@pytest.mark.django_db
def test_links_marks_and_the_scale_come_back_as_they_were():
    course = loaded(MORE)

    content = course_file_of(course)

    assert content["contact"] == [{"name": "QQ group", "address": "123", "link": "https://qm.example/q"}]
    assert content["marks"] == ["Attendance"]
    assert content["final_grades"] == read_yaml(MORE)["final_grades"]
    assert (
        loaded(write_course_file(content).replace("slug: c", "slug: c-again")).final_scale.scale
        == course.final_scale.scale
    )


@pytest.mark.django_db
def test_a_scale_that_cannot_be_meant_makes_no_course():
    with pytest.raises(CourseFileError, match="final_grades: The last step begins at 0"):
        loaded(MORE.replace("from: 0}", "from: 1}"))
    assert not Course.objects.exists()


def test_one_value_at_two_places_is_written_twice():
    rule = {"beyond": Decimal("0.5")}
    content = {"first": rule, "second": rule}

    assert read_yaml(write_yaml(content)) == content


@pytest.mark.django_db
def test_the_command_names_the_lecturer_and_what_is_left_to_decide():
    make.make_user("chen")
    out = StringIO()

    call_command(
        "loadcourse", BLUEPRINTS[-1], "--start", "2026-09-07", "--slug", "dl-26", "--lecturer", "chen", stdout=out
    )

    assert Enrolment.objects.get(course__slug="dl-26").user.username == "chen"
    assert "Made “Deep Learning” at /courses/dl-26/, not published yet." in out.getvalue()
    assert "To decide: NumPy basics: upload its notebook." in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--start", "2026-09-08"], "is no Monday"),
        (["--start", "2026-09-07", "--lecturer", "nobody"], "There is no account “nobody”"),
        (["--start", "2026-09-07", "--slug", "dl"], "There is a course “dl” already"),
    ],
)
def test_the_command_changes_nothing_when_it_cannot(arguments, says):
    make.make_course("dl")

    with pytest.raises(CommandError, match=says):
        call_command("loadcourse", BLUEPRINTS[-1], *arguments)

    assert Course.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_is_none_and_a_course_that_is_none_are_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("loadcourse", tmp_path / "none.yaml", "--start", "2026-09-07")
    with pytest.raises(CommandError, match="There is no course “none”"):
        call_command("dumpcourse", "none")
