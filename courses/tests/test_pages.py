"""Accounts and people in the browser: signing in, being throttled, a forgotten password, who is in the course."""

import re
from datetime import date, time

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from courses.models import Course, Enrolment, Role, User
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_memory_of_attempts():
    cache.clear()


def sign_in(client, login="student", password=make.PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password})


@pytest.mark.parametrize("login", ["student", "student@gradus.example", "STUDENT@gradus.example"])
def test_people_sign_in_by_name_or_mail(client, world, login):
    answer = sign_in(client, login)

    assert answer["Location"] == "/"
    assert "Your courses" in words_of(client.get("/"))


def test_a_wrong_password_says_so_without_saying_who_exists(client, world):
    known = words_of(sign_in(client, "student", "wrong"))
    unknown = words_of(sign_in(client, "nobody-here", "wrong"))

    assert "not correct" in known
    assert known == unknown


def test_guessing_is_throttled(client, world):
    answers = [sign_in(client, "student", f"guess {n}") for n in range(12)]

    assert "Too many" in words_of(answers[-1])
    assert "Too many" in words_of(sign_in(client))


def test_after_signing_in_one_lands_where_one_wanted_to_go(client, world):
    wanted = "/courses/dl/assignments/numbers/"

    sent_to = client.get(wanted)["Location"]
    answer = client.post(sent_to, {"login": "student", "password": make.PASSWORD, "next": wanted})

    assert answer["Location"] == wanted


def test_signing_in_never_leads_to_another_host(client, world):
    answer = client.post(LOGIN, {"login": "student", "password": make.PASSWORD, "next": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_nobody_signs_up_alone(client, db):
    form = {
        "username": "new",
        "email": "new@gradus.example",
        "password1": "a long password",
        "password2": "a long password",
    }

    client.post(reverse("account_signup"), form)

    assert not User.objects.filter(username="new").exists()


def test_signing_out_needs_a_post_and_ends_the_session(client, world):
    as_person(client, world.student)
    client.get("/accounts/logout/")
    assert client.get("/").status_code == 200

    client.post("/accounts/logout/")

    assert client.get("/").status_code == 302


def test_a_forgotten_password_is_replaced_by_mail(client, world):
    client.post(reverse("account_reset_password"), {"email": world.student.user.email})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))[0]

    form = client.get(link, follow=True)
    fields = {"password1": "an even longer one", "password2": "an even longer one"}
    client.post(form.redirect_chain[-1][0], fields)

    assert sign_in(client, password="an even longer one").status_code == 302


def test_asking_for_an_unknown_mail_does_not_confirm_that_it_is_unknown(client, world):
    known = client.post(reverse("account_reset_password"), {"email": world.student.user.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@gradus.example"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize(
    ("password", "says"), [("short", "too short"), ("password", "too common"), ("studentstudent", "too similar")]
)
def test_weak_passwords_are_refused_with_the_reason(client, world, password, says):
    as_person(client, world.student)
    fields = {"oldpassword": make.PASSWORD, "password1": password, "password2": password}
    world.student.user.username = "studentstudent"
    world.student.user.save()

    assert says in words_of(client.post(reverse("account_change_password"), fields))


def test_the_course_list_shows_role_and_draft(client, world):
    make.make_course("draft", title="Next Year", is_published=False)
    draft = Enrolment.objects.create(user=world.lecturer.user, course_id=_pk("draft"), role=Role.LECTURER)

    page = words_of(as_person(client, world.lecturer).get("/"))

    assert draft.course.title in page
    assert "Draft" in page
    assert "Lecturer" in page


def _pk(slug):
    return Course.objects.get(slug=slug).pk


def test_somebody_in_no_course_reads_what_to_do(client, db):
    client.force_login(make.make_user("alone"))

    assert "You are in no course yet" in words_of(client.get("/"))


def test_people_are_listed_with_sections_and_sizes(client, world):
    page = words_of(as_person(client, world.lecturer).get("/courses/dl/people/"))

    assert "Informatics 2 students" in page
    assert "Intelligence 0 students" in page
    assert page.index("Lecturer Lecturer All") < page.index("Student Student Informatics")


def test_a_name_is_shown_as_text(client, world):
    world.student.user.name = "<b>Bobby</b>"
    world.student.user.save()

    page = text_of(as_person(client, world.lecturer).get("/courses/dl/people/"))

    assert "&lt;b&gt;Bobby&lt;/b&gt;" in page


def test_a_page_that_is_not_there_leads_back(client, world):
    answer = as_person(client, world.student).get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in words_of(answer)
    assert 'href="/"' in text_of(answer)


def test_a_page_that_is_not_permitted_says_whom_to_ask(client, world):
    answer = as_person(client, world.student).get("/courses/dl/people/")

    assert answer.status_code == 403
    assert "ask the course's lecturer" in words_of(answer)


def test_our_own_mistake_says_that_work_is_safe(client, world, monkeypatch):
    def broken(*_):
        raise RuntimeError

    client.raise_request_exception = False
    monkeypatch.setattr("courses.selectors.enrolments_of", broken)

    answer = as_person(client, world.student).get("/")

    assert answer.status_code == 500
    assert "What you handed in before is safe" in words_of(answer)


def test_a_page_speaks_in_the_courses_own_time(client, world):
    shanghai = words_of(as_person(client, world.student).get("/courses/dl/assignments/"))
    world.course.time_zone = "Europe/Berlin"
    world.course.save()

    berlin = words_of(client.get("/courses/dl/assignments/"))

    assert "Sun 25 Oct, 23:59" in shanghai
    assert "Sun 25 Oct, 16:59" in berlin


def test_the_health_address_needs_no_database(client):
    assert client.get("/healthz/").content == b"ok\n"


@pytest.mark.parametrize(
    ("role", "links"),
    [
        ("student", {"Overview", "Syllabus", "Assignments", "Project", "My grades"}),
        ("ta", {"Overview", "Syllabus", "Announcements", "Assignments", "Project", "Gradebook", "People"}),
        (
            "lecturer",
            {
                "Overview",
                "Syllabus",
                "Announcements",
                "Assignments",
                "Project",
                "Gradebook",
                "People",
                "Set-up",
                "Operations",
            },
        ),
    ],
)
def test_the_navigation_offers_what_the_role_may_open(client, world, role, links):
    make.make_scheme(world.course, world.assignment)
    groups.bare_project(world.course, title="Project")
    page = as_person(client, getattr(world, role)).get("/courses/dl/").content.decode()
    navigation = page[page.index('aria-label="Course"') : page.index("</nav>")]

    assert set(re.findall(r"</svg>([\w -]+)</a>", navigation)) == links
    for address in re.findall(r'href="([^"]+)"', navigation):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("role", "links"),
    [("student", {"Overview", "Syllabus"}), ("ta", {"Overview", "Syllabus", "Announcements", "People"})],
)
def test_the_navigation_offers_nothing_that_the_course_does_not_have(client, world, role, links):
    world.notebook.delete()
    world.assignment.delete()
    page = as_person(client, getattr(world, role)).get("/courses/dl/").content.decode()

    assert (
        set(re.findall(r"</svg>([\w -]+)</a>", page[page.index('aria-label="Course"') : page.index("</nav>")])) == links
    )


def test_the_syllabus_says_when_what_and_whom_to_ask(client, world):
    world.course.topics.create(title="Back-propagation", weeks="3-5", text="With $x^2$")
    world.course.materials.create(kind="book", title="Textbook", url="https://book.example/", week=1)
    world.course.channels.create(name="QQ group", address="12345", enrolled_only=True)
    world.course.holidays.create(
        name="Golden week", first_day=date(2026, 9, 21), last_day=date(2026, 9, 25), pauses=True
    )
    world.section.slots.create(name="Lab", weekday=4, starts=time(8), ends=time(9, 40), place="Room 1")
    world.course.positions.create(role=Role.TA, count=5)

    answer = as_person(client, world.student).get("/courses/dl/syllabus/")

    page = words_of(answer)
    assert "3-5 28 Sep – 18 Oct" in page  # week 3 begins a week later, for the holiday
    assert "QQ group 12345 for people of this course only" in page
    assert "Lab: Friday 08:00–09:40, Room 1" in page
    assert "Golden week: 21 Sep – 25 Sep, weeks are not counted" in page
    assert "Named later: Teaching assistant." in page
    assert '<a href="https://book.example/" rel="noopener noreferrer">Textbook</a>' in text_of(answer)
    assert "<msup>" in text_of(answer)


def test_a_course_without_anything_says_so(client, world):
    assert "No syllabus yet" in words_of(as_person(client, world.student).get("/courses/dl/syllabus/"))


def test_a_student_assistant_is_not_offered_what_is_refused(client, world):
    assistant = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)
    page = as_person(client, assistant).get("/courses/dl/").content.decode()

    for address in re.findall(r'href="(/courses/[^"]+)"', page):
        assert (address, client.get(address).status_code) in {(address, 200), (address, 302)}
