"""Notebooks that train networks: where torch is installed (`requirements-torch.txt`)."""

import pytest

from autograder.check import check
from autograder.grade import Conditions, grade, read_source
from autograder.notebook import write_notebook
from autograder.release import student_version
from autograder.report import Status
from autograder.sandbox.launcher import nursery
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import open_sandbox
from tests.factories import answer, assertion_cell, code, notebook

pytestmark = pytest.mark.sandbox
CONDITIONS = Conditions(Limits())
TRAIN = """def train(steps):
    torch.manual_seed(0)
    net = torch.nn.Linear(3, 1)
    optimizer = torch.optim.Adam(net.parameters(), 0.1)
    for _ in range(steps):
        loss = (net(X) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net(X).detach(), float(loss)"""
LIAR = "class Liar(torch.Tensor):\n    shape = (4, 1)\n    def __eq__(self, other): return True\n"
CELLS = (
    code(
        "import torch\nX = torch.arange(12.0).reshape(4, 3) / 12\ny = X.sum(1, keepdim=True)",
        grade_id="data",
        locked=True,
    ),
    answer(TRAIN, "train"),
    assertion_cell(
        "out, loss = train(50)\nassert out.shape == (4, 1)\nassert out.dtype == torch.float32\nassert loss < 0.1", "t"
    ),
    assertion_cell("assert torch.allclose(train(200)[0], y, atol=0.2)", "u"),
)


@pytest.fixture
def kernel():
    with open_sandbox(limits=Limits(), zygote=nursery.zygote(("torch",)), seed=3) as sandbox:
        yield sandbox


def value(sandbox, expression):
    return sandbox.run_cell(expression).outputs[-1]["data"]["text/plain"]


def test_tests_of_a_training_loop_are_protected_and_tensors_cross():
    found = check(write_notebook(notebook(*CELLS)), CONDITIONS)

    assert found.errors == []
    assert [place.protected for place in found.placement.tests.values()] == [True, True]


@pytest.mark.parametrize(
    ("solution", "status"),
    [
        (TRAIN, Status.PASSED),
        ("def train(steps): return torch.zeros(4, 1), 9.0", Status.FAILED),
        ("def train(steps): return [[0.0]] * 4, 0.0", Status.FAILED),
        (
            LIAR + "def train(steps): return torch.zeros(1).as_subclass(Liar), 0.0",
            Status.FAILED,
        ),
    ],
)
def test_a_students_training_is_graded_by_its_numbers(solution, status):
    source = read_source(write_notebook(notebook(*CELLS)))
    student = student_version(source.notebook)
    student["cells"][1]["source"] = solution

    report, _ = grade(source, write_notebook(student), CONDITIONS)

    assert report.tests[-1].status is status


def test_random_numbers_repeat_for_the_same_notebook(kernel):
    with open_sandbox(limits=Limits(), zygote=nursery.zygote(("torch",)), seed=3) as again:
        ask = "import torch\ntorch.rand(2).tolist()"

        assert value(kernel, ask) == value(again, ask)


def test_workers_of_a_loader_run_inside(kernel):
    loader = (
        "import torch\nfrom torch.utils.data import DataLoader\n"
        "sum(len(batch) for batch in DataLoader(range(10), batch_size=4, num_workers=2))"
    )

    assert value(kernel, loader) == "10"


def test_there_is_no_gpu_in_a_room_that_was_given_none(kernel):
    assert value(kernel, "import torch\ntorch.cuda.is_available()") == "False"


def test_a_parallel_region_after_the_fork_does_not_hang(kernel):
    assert value(
        kernel, "import torch\ntorch.set_num_threads(2)\n(torch.ones(400, 400) @ torch.ones(400, 400)).sum().item()"
    ) == ("64000000.0")
