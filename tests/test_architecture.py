"""The shape of the house, kept by tests: layers, sizes, triggers, assets, and what the web process must not load."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.template.loader import get_template

from courses.immutable import trigger_name

ROOT = Path(settings.BASE_DIR)
PACKAGES = (
    "autograder", "papercheck", "config", "courses", "groups", "assignments", "projects", "grading", "gradebook", "term",
)  # fmt: skip
NEVER_EDITED = (
    "assignments_submission", "assignments_putbackversion", "assignments_addedmember",
    "grading_mark", "grading_release", "grading_releasedgrade",
    "grading_regrademessage",
    "grading_pairnote", "grading_marking", "grading_secondmark",
    "grading_withdrawal", "grading_ruling",
    "projects_topicmessage", "grading_contributionfactor", "courses_settingchange",
    "gradebook_freeze", "gradebook_finalgrade",
)  # fmt: skip
HEAVY = {
    "numpy",
    "pandas",
    "IPython",
    "ipykernel",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "autograder.sandbox.walls",
    "pikepdf",
    "pypdfium2",
    "PIL",
    "reportlab",
}


def sources(*, tests=False):
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts and ("tests" in path.parts) is tests:
                yield path


def lines_of(paths):
    return sum(len(path.read_text().splitlines()) for path in paths)


def test_imports_point_down_and_policy_is_pure():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_no_import_hides_in_a_function_unless_it_says_why():
    hidden = []
    for path in sources():
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                hidden += [f"{path}:{n.lineno}" for n in inner if "noqa: " not in text.splitlines()[n.lineno - 1]]

    assert hidden == []


def test_files_have_at_most_400_lines():
    ours = [*sources(), *sources(tests=True), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    long = [str(path) for path in ours if lines_of([path]) > 400]

    assert long == []


def test_lines_of_templates_have_at_most_120_characters():
    templates = list((ROOT / "templates").rglob("*.html"))
    long = [
        f"{path}:{n}"
        for path in templates
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]

    assert templates
    assert long == []


def test_functions_have_at_most_50_lines_and_most_under_30():
    lengths = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lengths[f"{path}:{node.name}"] = (node.end_lineno or 0) - node.lineno + 1

    assert {name: n for name, n in lengths.items() if n > 50} == {}
    assert sum(n > 30 for n in lengths.values()) <= len(lengths) // 25


@pytest.mark.django_db
@pytest.mark.parametrize("table", NEVER_EDITED)
def test_facts_have_their_trigger(table):
    sql = "SELECT tgname FROM pg_trigger" if connection.vendor == "postgresql" else "SELECT name FROM sqlite_master"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = {row[0] for row in cursor.fetchall()}

    assert trigger_name(table) in names


def test_models_need_no_migration():
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_web_process_loads_nothing_heavy():
    program = (
        "import sys, json, config.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "[p.url_patterns for p in get_resolver().url_patterns]; print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(json.loads(done.stdout)) & HEAVY == set()


def templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def test_templates_have_no_inline_script_or_style():
    rule = re.compile(r"<style|style=|<script(?![^>]*src=)|\son[a-z]+=", re.IGNORECASE)
    found = [path.name for path in templates() if rule.search(path.read_text())]

    assert found == ["feedback.html"]  # a file to keep, which stands by itself


def test_nothing_comes_from_another_host():
    rule = re.compile(r"""(?:src|href)=["'](?:https?:)?//""")
    files = [*templates(), *(ROOT / "static").rglob("*.css")]

    assert [str(path) for path in files if rule.search(path.read_text()) or "@import" in path.read_text()] == []


def test_every_template_compiles():
    for path in templates():
        get_template(str(path.relative_to(ROOT / "templates")))


def test_views_and_receivers_never_query_models_themselves():
    found = []
    for path in sources():
        if path.name in {"views.py", "receivers.py", "tasks.py", "api.py"}:
            found += re.findall(r"\w+\.objects", path.read_text())

    assert found == []


def test_there_are_at_least_as_many_test_lines_as_source_lines():
    shared = [*(ROOT / "tests").rglob("*.py"), ROOT / "conftest.py"]

    assert lines_of([*sources(tests=True), *shared]) >= lines_of(sources())


def test_every_app_is_ours_or_declared():
    ours = {config.label for config in apps.get_app_configs() if (ROOT / config.label).is_dir()}

    assert ours == {*PACKAGES} - {"autograder", "papercheck"}
