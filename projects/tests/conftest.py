"""A project of three stages with two groups, for tests of what becomes of their marks."""

import pytest

from tests import factories as make
from tests import groups


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def criteria(stage):
    return groups.make_criteria(stage, 60, 40)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


@pytest.fixture
def bees(world, project):
    return groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
