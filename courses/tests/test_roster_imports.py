"""A roster is shown as a difference, applied, and undone; who left keeps their work."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from courses.models import Enrolment, OutgoingMail, Role, RosterImport, Section, User
from courses.roster_imports import RosterRefused, apply_roster, last_roster, plan_of, receive_roster, undo_roster
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
IMPORT = "/courses/dl/people/import/"
HEADER = "Student ID,Name,Email,Section\n"


def read(world, *lines):
    return receive_roster(by=world.lecturer, content=(HEADER + "\n".join(lines)).encode(), name="roster.csv")


def applied(world, *lines, leave=False):
    roster = read(world, *lines)
    apply_roster(roster=roster, leave=leave)
    return roster


def seen_in(preview):
    return {"seen": re.search(r'name="seen" value="(\w+)"', text_of(preview))[1]}


def state(course):
    """Who is in the course, whether they left, where they sit; which accounts and sections there are."""
    people = {
        (e.user.username, e.left_at is None, tuple(sorted(s.name for s in e.sections.all())))
        for e in Enrolment.objects.filter(course=course)
    }
    return (
        people,
        set(User.objects.values_list("username", flat=True)),
        set(Section.objects.values_list("name", flat=True)),
    )


@pytest.fixture
def known(world):
    """The world's students have numbers; one of them left."""
    for number, enrolment in enumerate((world.student, world.classmate), start=1):
        User.objects.filter(pk=enrolment.user_id).update(student_number=f"S{number}")
    gone = make.enrol(world.course, section=world.section, login="gone")
    User.objects.filter(pk=gone.user_id).update(student_number="S3")
    Enrolment.objects.filter(pk=gone.pk).update(left_at=datetime(2026, 9, 1, tzinfo=UTC))
    return world


LINES = ("S1,Anyone,,Informatics", "S3,Gone,,Lab", "S9,Nia New,nia@gradus.example,Lab", "S8,Max Mailless,,")


def test_the_plan_says_what_would_happen_and_nothing_does(known):
    before = state(known.course)

    plan = plan_of(read(known, *LINES))

    assert [line.name for line in plan.new] == ["Nia New", "Max Mailless"]
    assert [line.user.username for line in plan.back] == ["gone"]
    assert (plan.changed, len(plan.same)) == ([], 1)
    assert known.classmate in plan.left
    assert (plan.new_sections, plan.problems) == (["Lab"], [])
    assert state(known.course) == before


def test_applying_does_what_the_plan_said(known):
    applied(known, *LINES)

    people, _accounts, _ = state(known.course)
    assert ("gone", True, ("Lab",)) in people
    assert ("s9", True, ("Lab",)) in people
    assert ("s8", True, ()) in people
    assert ("classmate", True, ("Informatics",)) in people
    nia = User.objects.get(username="s9")
    assert (nia.name, nia.student_number, nia.email, nia.has_usable_password()) == (
        "Nia New",
        "S9",
        "nia@gradus.example",
        False,
    )
    (mail,) = OutgoingMail.objects.all()
    assert mail.recipient == "nia@gradus.example"
    assert "/invitation/" in mail.body


def test_who_is_not_in_the_roster_leaves_only_when_asked_and_keeps_their_work(known):
    submission = make.make_submission(known.assignment, known.classmate)

    applied(known, *LINES, leave=True)

    known.classmate.refresh_from_db()
    assert known.classmate.left_at is not None
    assert type(submission).objects.filter(pk=submission.pk).exists()
    assert Enrolment.objects.get(pk=known.ta.pk).left_at is None


def test_undoing_puts_everything_back(known):
    before = state(known.course)
    roster = applied(known, "S1,Anyone,,Other section", *LINES[1:], leave=True)
    assert state(known.course) != before

    undo_roster(roster=roster)

    assert state(known.course) == before
    with pytest.raises(RosterRefused):
        undo_roster(roster=roster)


def test_undoing_keeps_who_has_handed_in_since(known):
    roster = applied(known, *LINES)
    newcomer = Enrolment.objects.get(user__username="s9")
    make.make_submission(known.assignment, newcomer)

    undo_roster(roster=roster)

    newcomer.refresh_from_db()
    assert newcomer.left_at is not None
    assert not Enrolment.objects.filter(user__username="s8").exists()


def test_only_the_last_roster_can_be_undone(known):
    first = applied(known, *LINES)
    applied(known, "S7,Later,,")

    with pytest.raises(RosterRefused, match="applied last"):
        undo_roster(roster=first)


def test_a_roster_is_applied_once(known):
    roster = applied(known, *LINES)

    with pytest.raises(RosterRefused, match="already"):
        apply_roster(roster=roster, leave=False)


def test_accounts_are_found_by_number_mail_or_login(world):
    for login, fields in {"one": {"student_number": "N1"}, "two": {}, "three": {}}.items():
        make.make_user(login, **fields)
    raw = "Student ID,Username,Name,Email\nN1,,A,\n,,B,TWO@gradus.example\n,three,C,\n"

    plan = plan_of(receive_roster(by=world.lecturer, content=raw.encode(), name="r.csv"))

    assert [line.user.username for line in plan.new] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "N1,A,two@gradus.example,",
            (
                "Row 2: the student number belongs to One, the mail address belongs to Two. "
                "Mend the roster, or the accounts under People."
            ),
        ),
        ("N9,A,one@gradus.example,", "Row 2: One has the student number N1, not N9."),
        (",Ta,ta@gradus.example,", "Row 2: Ta is staff of this course (Teaching assistant)."),
    ],
)
def test_a_roster_that_contradicts_the_accounts_changes_nothing(world, line, problem):
    make.make_user("one", student_number="N1")
    make.make_user("two")
    roster = read(world, line)
    before = state(world.course)

    assert plan_of(roster).problems == [problem]
    with pytest.raises(RosterRefused):
        apply_roster(roster=roster, leave=True)

    assert state(world.course) == before


def test_logins_of_new_accounts_are_free(world):
    make.make_user("ada")
    raw = "Name,Email\nAda,ada@one.example\nAda,ada@two.example\n"

    apply_roster(roster=receive_roster(by=world.lecturer, content=raw.encode(), name="r.csv"), leave=False)

    assert set(User.objects.filter(name="Ada").values_list("username", flat=True)) == {"ada", "ada-2", "ada-3"}


def test_a_large_roster_asks_as_few_questions_as_a_small_one(world, django_assert_max_num_queries):
    lines = [f"L{n},Student {n},l{n}@gradus.example,Section {n % 3}" for n in range(500)]
    roster = read(world, *lines)

    with django_assert_max_num_queries(40):
        apply_roster(roster=roster, leave=False)

    assert world.course.enrolments.filter(user__student_number__startswith="L").count() == 500
    with django_assert_max_num_queries(12):
        assert len(plan_of(roster).same) == 500


def test_the_lecturer_sees_the_difference_applies_and_undoes_it(client, known):
    file = SimpleUploadedFile("class.csv", (HEADER + "\n".join(LINES)).encode("utf-16"))

    answer = as_person(client, known.lecturer).post(IMPORT, {"file": file, "pasted": ""})

    preview = client.get(answer["Location"])
    assert "New 2 Back again 1 Other section 0 As they are 1" in words_of(preview)
    assert "Nia New New, gets an account S9 nia@gradus.example Lab" in words_of(preview)
    assert "New, gets an account; no mail, so no invitation" in words_of(preview)
    page = words_of(client.post(answer["Location"], seen_in(preview), follow=True))
    assert "The roster is in." in page
    assert "Last roster: class.csv" in page
    undone = client.post(answer["Location"] + "undo/", follow=True)
    assert "The roster is undone." in words_of(undone)
    assert "Nia New" not in words_of(undone)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"pasted": ""}, "Choose a file or paste a table, one of them."),
        ({"pasted": "a,b\n1,2"}, "No row names the columns."),
        ({"pasted": HEADER + "1,A,,\n1,B,,"}, "Rows 2, 3 have the same student number, 1."),
    ],
)
def test_a_roster_that_cannot_be_used_is_said_and_kept_nowhere(client, world, form, says):
    answer = as_person(client, world.lecturer).post(IMPORT, form)

    assert answer.status_code == 422
    assert says in words_of(answer)
    assert "['" not in words_of(answer)
    assert not RosterImport.objects.exists()


def test_a_roster_that_changes_nothing_says_so(client, known):
    Enrolment.objects.filter(course=known.course, role=Role.STUDENT).exclude(pk=known.student.pk).delete()
    roster = read(known, "S1,Anyone,,")

    page = words_of(as_person(client, known.lecturer).get(f"{IMPORT}{roster.pk}/"))

    assert "Nothing would change" in page


def test_another_courses_roster_does_not_exist(client, world):
    elsewhere = make.make_course("third")
    foreign = RosterImport.objects.create(course=elsewhere, read_by=make.enrol(elsewhere, Role.LECTURER), file_name="x")

    assert as_person(client, world.lecturer).get(f"{IMPORT}{foreign.pk}/").status_code == 404
    assert client.post(f"{IMPORT}{foreign.pk}/undo/").status_code == 404


def roster_of(world, raw):
    return receive_roster(by=world.lecturer, content=raw.encode(), name="r.csv")


def test_the_same_roster_of_logins_twice_changes_nothing(world):
    raw = "Username,Name\nAnna.Beck,Anna Beck\n"
    apply_roster(roster=roster_of(world, raw), leave=False)

    plan = plan_of(roster_of(world, raw))

    assert ([line.name for line in plan.same], plan.new) == (["Anna Beck"], [])


def test_a_login_that_is_somebody_elses_is_a_problem(world):
    make.make_user("wei.li", email="wei@faculty.example")

    problems = plan_of(roster_of(world, "Username,Name,Email\nwei.li,Wei Li,wei@gradus.example\n")).problems

    assert problems == ["Row 2: Wei.Li has the mail address wei@faculty.example, not wei@gradus.example."]


def test_mail_of_a_later_roster_reaches_accounts_that_nobody_has_used(world):
    apply_roster(roster=roster_of(world, "学号,姓名\nS1,王小明\n"), leave=False)
    later = roster_of(world, "学号,姓名,Email\nS1,王小明,wang@gradus.example\n")

    assert [line.name for line in plan_of(later).completed] == ["王小明"]
    apply_roster(roster=later, leave=False)

    assert User.objects.get(student_number="S1").email == "wang@gradus.example"
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == ["wang@gradus.example"]
    undo_roster(roster=later)
    assert User.objects.get(student_number="S1").email == ""


def test_nothing_is_written_into_an_account_that_was_used(world):
    used = make.make_user("used", student_number="S1", email="", last_login=datetime(2026, 9, 1, tzinfo=UTC))

    apply_roster(roster=roster_of(world, "学号,姓名,Email\nS1,U,mine@gradus.example\n"), leave=False)

    used.refresh_from_db()
    assert used.email == ""


def test_a_third_of_the_same_name_gets_a_login_too(world):
    for login in ("ada", "ada-2"):
        make.make_user(login)

    apply_roster(roster=roster_of(world, "Name,Email\nAda,ada@one.example\n"), leave=False)

    assert User.objects.get(email="ada@one.example").username == "ada-3"


def test_undo_takes_back_the_one_that_was_applied_last(known):
    first, second = read(known, "S1,Anyone,,A"), read(known, "S1,Anyone,,B")
    apply_roster(roster=second, leave=False)
    apply_roster(roster=first, leave=False)

    assert last_roster(known.course) == first
    undo_roster(roster=first)

    assert ("student", True, ("B",)) in state(known.course)[0]


def test_a_section_that_something_hangs_on_stays_when_a_roster_is_undone(known):
    roster = applied(known, "S9,Nia,,Lab")
    lab = Section.objects.get(name="Lab")
    known.assignment.extensions.create(section=lab, due_at=make.DUE, reason="Holiday", granted_by=known.lecturer)

    undo_roster(roster=roster)

    assert Section.objects.filter(pk=lab.pk).exists()
    assert not Enrolment.objects.filter(user__username="s9").exists()


def test_two_rows_of_one_account_are_a_problem(world):
    make.make_user("one", student_number="N1", email="one@gradus.example")

    plan = plan_of(roster_of(world, "Student ID,Name,Email\nN1,A,\n,B,one@gradus.example\n"))

    assert plan.problems == ["Row 3: One stands in the roster twice."]


def test_nobody_applies_what_they_have_not_seen(client, known):
    roster = read(known, *LINES)
    seen = seen_in(as_person(client, known.lecturer).get(f"{IMPORT}{roster.pk}/"))
    make.enrol(known.course, login="latecomer")

    answer = client.post(f"{IMPORT}{roster.pk}/", {**seen, "leave": "1"})

    assert "The course has changed since you looked" in words_of(answer)
    roster.refresh_from_db()
    assert roster.applied_at is None


@pytest.mark.parametrize(
    ("kind", "line"), [("name", f"S1,{'x' * 121},,"), ("number", f"{'9' * 41},A,,"), ("section", f"S1,A,,{'s' * 101}")]
)
def test_words_that_are_too_long_for_the_database_are_said(world, kind, line):
    with pytest.raises(RosterRefused, match=f"the {kind} is longer than"):
        read(world, line)
