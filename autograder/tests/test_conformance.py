"""Our kernel says what Jupyter says: the same cells through a real ipykernel under nbclient, outputs compared."""

from functools import cache

import pytest

from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import open_sandbox
from autograder.tests.jupyter import run_by_jupyter, simplified

pytestmark = pytest.mark.sandbox

CELLS = {
    "nothing": "pass",
    "value": "6 * 7",
    "text value": "'a' + 'b'",
    "print": "print('a', 'b', sep='-')",
    "print and value": "print('a')\n'b'",
    "two prints are one stream": "print(1)\nprint(2)",
    "stderr": "import sys\nprint('to stderr', file=sys.stderr)",
    "semicolon hides": "6 * 7;",
    "none is silent": "None",
    "name error": "no_such_name",
    "zero division": "1 / 0",
    "assertion with text": "assert 1 == 2, 'not equal'",
    "syntax error": "def broken(:\n  pass",
    "custom exception": "class Mine(Exception): pass\nraise Mine('x')",
    "exception after print": "print('before')\nraise ValueError('after')",
    "long list": "list(range(60))",
    "dictionary": "{'b': 1, 'a': [1, 2]}",
    "rich object": "class R:\n  def _repr_html_(self): return '<b>x</b>'\n  def __repr__(self): return 'R()'\nR()",
    "display": "from IPython.display import display\ndisplay({'a': 1}, 'b')",
    "html": "from IPython.display import HTML\nHTML('<i>x</i>')",
    "latex": "from IPython.display import Math\nMath('x^2')",
    "markdown": "from IPython.display import Markdown\nMarkdown('**x**')",
    "update display": "h = display('old', display_id='h1')\nh.update('new')",
    "clear output": "from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)",
    "time magic is there": "%time x = 1\nx",
    "capture": "%%capture got\nprint('hidden')",
    "captured": "got.stdout",
    "shell line": "!echo from the shell",
    "shell value": "files = !echo one two\nfiles",
    "bash cell": "%%bash\necho a\necho b",
    "writefile": "%%writefile note.txt\nhello",
    "read it back": "open('note.txt').read()",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "task": "async def f(): return 5\nt = asyncio.create_task(f())\nawait t",
    "warning": "import warnings\nwarnings.simplefilter('always')\nwarnings.warn('careful')",
    "logging": "import logging\nlogging.warning('logged')",
    "thread prints": "import threading\nt = threading.Thread(target=lambda: print('thread'))\nt.start()\nt.join()",
    "subprocess": "import subprocess\nsubprocess.run(['echo', 'child'], capture_output=True).stdout",
    "numpy": "import numpy as np\nnp.arange(6).reshape(2, 3)",
    "numpy scalar": "np.float64(0.5)",
    "pandas": "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
    "series": "pd.Series([1.5, 2.5], name='s')",
    "last value": "_",
    "history of inputs": "type(In).__name__, len(Out) > 0",
    "input is refused": "input('name? ')",
    "unicode": "print('作业 🎓 ü')",
    "carriage return": "print('10%\\r20%')",
    "class with doc": "class A:\n  '''doc'''\nA.__doc__",
    "generator": "sum(x * x for x in range(10))",
    "exit code": "import sys\nsys.version_info[0]",
    "magic that is not": "%no_such_magic",
}
SHELL_TIMINGS = {"time magic is there"}


@cache
def ours():
    """Cell name → outputs in our sandbox, all cells in one kernel."""
    with open_sandbox(limits=Limits()) as sandbox:
        return {name: simplified(sandbox.run_cell(source).outputs) for name, source in CELLS.items()}


@cache
def theirs():
    """Cell name → outputs of a real kernel."""
    return run_by_jupyter(CELLS)


@pytest.mark.parametrize(
    "name", [name for name in CELLS if name not in SHELL_TIMINGS | {"input is refused", "magic that is not", "warning"}]
)
def test_outputs_are_those_of_jupyter(name):
    assert ours()[name] == theirs()[name]


def test_input_is_refused_in_our_words():
    assert ours()["input is refused"][0][1] == theirs()["input is refused"][0][1] == "StdinNotImplementedError"


def test_a_timing_prints_and_the_value_follows():
    assert ours()["time magic is there"][-1] == theirs()["time magic is there"][-1]


def test_a_magic_that_is_not_is_an_error():
    assert any("no_such_magic" in str(output) for output in ours()["magic that is not"])


def test_a_warning_names_its_text():
    assert "UserWarning: careful" in ours()["warning"][0][2]


def test_an_inline_figure_is_a_png_and_closes_with_its_cell():
    with open_sandbox(limits=Limits()) as sandbox:
        first = sandbox.run_cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);").outputs
        left = sandbox.run_cell("plt.get_fignums()").outputs

    assert [sorted(o["data"]) for o in first] == [["image/png", "text/plain"]]
    assert left[0]["data"]["text/plain"] == "[]"
