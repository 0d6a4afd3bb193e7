"""What the documents say is true: figures, commands, files, settings and links."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from courses.course_file.reading import read_course_file, write_course_file
from courses.course_file.yaml import read_yaml
from gradebook.policy.tree import is_publishable
from gradebook.standings.selectors import current_components, tree_of
from term.course_file.load import load_course

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def text_of(name):
    return (ROOT / name).read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_pictures_lead_to_files(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())

    assert [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_named_files_exist(page):
    named = set(re.findall(r"`((?:\w+/)+[\w.-]+\.(?:py|css|md|html))`", page.read_text()))

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "command", ["script/server", "script/test", "script/setup", "script/lock", ".ci/run", "manage.py"]
)
def test_commands_can_be_run(command):
    assert (ROOT / command).stat().st_mode & 0o111


def test_the_two_commands_stand_in_the_readme():
    assert "```\nscript/server\n```" in text_of("README.md")
    assert "```\nscript/test\n```" in text_of("README.md")


def test_every_setting_an_operator_can_make_is_documented():
    read = set(re.findall(r'read_(?:text|flag|number|list)\(\s*"([A-Z_]+)"', text_of("config/settings.py")))
    read |= {"SECRET_KEY"}
    documented = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", text_of("docs/operators.md")))

    assert read - documented - {"DEBUG"} == set()


def test_the_command_line_in_the_docs_is_the_real_one():
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    documented = set(re.findall(r"python -m autograder (\w+)", text_of("docs/autograder.md")))

    assert documented == {"grade", "release", "check", "inspect", "serve", "selftest"}
    assert all(name in done.stdout for name in documented)


def test_the_number_of_walls_is_the_number_of_probes():
    probes = text_of("autograder/sandbox/probes.py")
    common, spaced, alone = (
        len(re.search(rf"^{name} = \((.*?)\)", probes, re.DOTALL | re.MULTILINE)[1].strip().strip(",").split(","))
        for name in ("COMMON", "OF_NAMESPACES", "IN_THEIR_PLACE")
    )

    assert (common + spaced, common + alone) == (24, 23)
    assert "twenty-four walls" in text_of("docs/autograder.md")
    assert "twenty-three walls" in text_of("docs/autograder.md")


@pytest.mark.parametrize("figure", ["75.44", "71.30", "57.04", "89.70", "83.92", "77.04"])
def test_worked_totals_in_the_docs_are_tested(figure):
    assert figure in text_of("docs/grading-rules.md")
    assert figure in text_of("grading/tests/test_policy.py")


def test_the_late_table_in_the_docs_is_the_tested_one():
    rows = re.findall(r"^\| (−?[\d ,−]+) \| ([\d.]+) \|$", text_of("docs/grading-rules.md"), re.MULTILINE)
    documented = {}
    for seconds, factor in rows:
        for one in seconds.split(", "):
            documented[int(one.replace("−", "-").replace(" ", ""))] = factor
    tested = dict(
        re.findall(
            r'\((-?[\d_]+), "([\d.]+)"\)', text_of("courses/tests/test_lateness.py").split("test_late_factor_of")[0]
        )
    )
    tested = {int(k.replace("_", "")): v for k, v in tested.items()}

    assert documented
    assert documented.items() <= tested.items()


def test_requirements_are_exact_and_hashed():
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = re.split(r"\n(?=\S)", text_of(name).strip())
        packages = [e for e in entries if not e.startswith("#")]
        assert all("==" in e.splitlines()[0] for e in packages)
        assert all("--hash=sha256:" in e for e in packages)


def test_what_we_ask_for_is_locked():
    for name in ("requirements", "requirements-dev"):
        wanted = [
            re.split(r"[\[~=<>; ]", line)[0].lower()
            for line in text_of(f"{name}.in").splitlines()
            if line and not line.startswith(("#", "-"))
        ]
        locked = text_of(f"{name}.txt").lower()
        assert [w for w in wanted if not re.search(rf"^{re.escape(w)}==", locked, re.MULTILINE)] == []


def test_nothing_in_the_repository_names_a_host_or_path_of_the_workshop():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    forbidden = ("/work/" + "main", "." + "library", "/work/" + "shared")
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".html", ".css", ".toml", ".ini", ""} and path.is_file():
            text = path.read_text(errors="replace")
            found += [name for word in forbidden if word in text]

    assert found == []


def test_no_binary_but_pictures_is_tracked():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    damaged = "autograder/tests/corpus/file-"  # bytes that are no notebook are what these cases are about
    papers = (
        "papercheck/tests/papers/"  # made by make.py there, with LaTeX and LibreOffice, which the tests cannot ask for
    )
    kept = (name for name in tracked if name and not name.startswith((damaged, papers)))
    binary = [n for n in kept if b"\0" in (ROOT / n).read_bytes()[:8000]]

    assert [n for n in binary if not n.startswith("docs/images/")] == []
    assert all((ROOT / n).stat().st_size < 300_000 for n in binary)


COURSE = {"slug": "c", "title": "C", "term": "T", "language": "en", "time_zone": "UTC", "weeks": 16}
POLICIES = re.findall(r"```yaml\n(.*?)```", text_of("docs/policies.md"), re.DOTALL)


@pytest.mark.django_db
@pytest.mark.parametrize("block", POLICIES)
def test_every_policy_in_the_docs_is_a_course_that_can_be_published(block):
    content = {"course": COURSE, **read_yaml(block)}
    checked = read_course_file(write_course_file(content).encode(), week_one=date(2026, 9, 7))

    tree = tree_of(current_components(load_course(checked, week_one=date(2026, 9, 7))))

    assert tree is None or is_publishable(tree)


def test_twenty_policies_are_written_down():
    assert [int(n) for n in re.findall(r"\*\*(\d+)\. ", text_of("docs/policies.md"))] == list(range(1, 21))
    assert len(POLICIES) == 20
