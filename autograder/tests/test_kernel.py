"""Our kernel beside a real one, the wide way: tables, figures, errors, shells, tasks, processes. One kernel for all cells."""

import time
from functools import cache

import pytest

from autograder.sandbox.launcher import SCIENTIFIC, nursery
from autograder.sandbox.limits import Limits
from autograder.sandbox.supervisor import open_sandbox
from autograder.tests.jupyter import run_by_jupyter, simplified

pytestmark = pytest.mark.sandbox

TABLES = {
    "frame": "import pandas as pd, numpy as np\npd.DataFrame({'a': [1, 2], 'b': ['x', None]}, index=['r', 's'])",
    "frame as text": "print(pd.DataFrame({'a': [1.5, np.nan]}))",
    "long frame": "pd.DataFrame({'n': range(200)})",
    "frame of groups": "pd.DataFrame({'a': [1, 1, 2], 'b': [1, 2, 3], 'c': 1.0}).groupby(['a', 'b']).sum()",
    "styler": "pd.DataFrame({'a': [1, 2]}).style.format('{:.1f}').highlight_max().set_uuid('u')",
    "dates": "pd.date_range('2026-01-01', periods=3)",
    "array": "np.random.default_rng(0).normal(size=(30, 50))",
    "numpy warns": "np.array([1.0]) / 0",
}
FIGURES = {
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);",
    "two figures": "plt.figure(); plt.plot([1]); plt.figure(); plt.bar([1], [2]);",
    "figure and value": "plt.plot([1, 2])[0].get_ydata()",
    "figure between prints": "plt.plot([3, 1]); print('before'); plt.show(); print('after')",
    "figure as value": "fig, ax = plt.subplots(figsize=(2, 1)); ax.set_title('作业'); fig",
    "figure left by an error": "plt.plot([1, 2]); 1 / 0",
    "no figure is left": "plt.get_fignums()",
    "figure drawn on later": "ax.plot([2, 1]); fig",
    "resolution": "%config InlineBackend.figure_format = 'retina'\nplt.plot([1, 2]);",
}
DISPLAYS = {
    "handle": "from IPython.display import HTML, JSON, SVG, Image, clear_output, display, update_display\n"
    "h = display('a', display_id='one'); display('between'); h.update('b')",
    "update by name": "display('p', display_id='k'); update_display('q', display_id='k')",
    "update to another kind": "h2 = display('text', display_id='two'); h2.update(HTML('<q>'))",
    "update of nothing": "update_display('lost', display_id='never shown')",
    "cleared": "print('gone'); display('gone'); clear_output(); print('kept')",
    "cleared late": "print('gone'); clear_output(wait=True); print('kept')",
    "progress": "for i in range(3):\n    clear_output(wait=True)\n    display(i)",
    "json": "JSON({'a': 1})",
    "image": "Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + b'\\0' * 24, format='png')",
    "drawing": "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
    "metadata": "display({'text/plain': 'x'}, raw=True, metadata={'text/plain': {'k': 1}})",
    "own bundle": "class M:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'm', 'application/x.own+json': {'z': [1]}}\nM()",
    "own display": "class D:\n    def _ipython_display_(self): print('own display')\nD()",
    "repr raises": "class BadRepr:\n    def __repr__(self): raise ValueError('in repr')\nBadRepr()",
    "html raises": "class BadHtml:\n    def _repr_html_(self): raise ValueError('in html')\n"
    "    def __repr__(self): return 'still shown'\nBadHtml()",
    "repr is none": "class NoRepr:\n    def __repr__(self): return None\nNoRepr()",
    "own formatter": "plain = get_ipython().display_formatter.formatters['text/plain']\n"
    "old = plain.for_type(int, lambda value, p, cycle: p.text('<int>'))\n5",
    "formatter put back": "_ = plain.for_type(int, old)\n5",
}
ERRORS = {
    "warning": "import warnings\nwarnings.warn('careful')",
    "deprecation": "warnings.warn('old', DeprecationWarning)",
    "cause": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
    "note": "error = ValueError('v')\nerror.add_note('a note')\nraise error",
    "deep": "def f(n): return 1 / n if n == 0 else f(n - 1)\nf(5)",
    "error without text": "class Mute(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise Mute()",
    "interrupt": "raise KeyboardInterrupt",
    "two lines": "raise ValueError('one\\ntwo')",
    "exit with text": "import sys\nsys.exit('enough')",
    "bare exit": "raise SystemExit",
    "and it goes on": "'alive'",
    "no python": "x = = 1",
    "indented": "  if True:\n x",
    "not closed": "print((1",
    "return outside": "return 5",
    "await inside a plain function": "def f(): await g",
    "plain tracebacks": "%xmode Plain\n1 / 0",
    "tracebacks as before": "%xmode Context",
    "help": "help(int.bit_length)",
}
STREAMS = {
    "huge": "print('x' * 200_000)",
    "many lines": "for i in range(3000): print(i)",
    "no end of line": "print('open', end='')",
    "both in turn": "print('e', file=sys.stderr); print('o'); print('e2', file=sys.stderr)",
    "redirected": "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as s: print('in')\ns.getvalue()",
    "no terminal": "sys.stdout.isatty(), sys.stdout.writable(), sys.stdin.read()",
    "logging": "import logging\nlogging.warning('w'); logging.info('i'); logging.getLogger('x').error('e %s', 1)",
    "threads": "import threading\nts = [threading.Thread(target=print, args=(i,)) for i in range(5)]\n"
    "for t in ts: t.start(); t.join()",
    "unicode": "print('作业 🎓 e\\u0301 \\u202e'); '作业 🎓'",
    "half a character": "'\\ud800'",
    "zero byte": "print('a\\0b')",
    "colours": "print('\\x1b[31mred\\x1b[0m')",
    "backspace": "print('a\\rb\\x08c')",
    "pretty": "{'k' * 10 + str(i): list(range(10)) for i in range(4)}",
}
SHELLS = {
    "shell with names": "name = 'x1'\n!echo {name} $name",
    "shell fails": "!echo wrong; exit 3",
    "its status": "_exit_code",
    "shell as value": "got = !printf 'a\\nb\\n'\ngot.n, got.s, list(got)",
    "bash": "%%bash\necho out\necho err >&2",
    "bash fails": "%%bash\nexit 4",
    "subprocess": "import subprocess\n"
    "subprocess.run(['sh', '-c', 'echo out; echo err >&2'], capture_output=True, text=True, check=True)",
    "environment": "%env COLOUR=red\n!echo $COLOUR",
}
MAGICS = {
    "capture": "%%capture cap\nprint('o'); print('e', file=sys.stderr); display('d'); 5",
    "captured": "cap.stdout, cap.stderr, len(cap.outputs)",
    "shown again": "cap()",
    "file": "%%writefile own.py\ndef of_file(): return 7",
    "more of it": "%%writefile -a own.py\nX = 3",
    "imported": "import own\nown.of_file(), own.X",
    "timeit": "%timeit -n 2 -r 1 pass",
    "timeit as value": "q = %timeit -o -q -n 1 -r 1 pass\ntype(q).__name__, q.loops",
    "time of a cell": "%%time\n8",
    "extension that is not": "%load_ext no_such_extension",
}
HISTORY = {
    "a value": "11",
    "last": "_",
    "another value": "22",
    "last but one": "__",
    "out": "sorted(Out)[-1] == len(In) - 2, Out[sorted(Out)[-1]]",
    "last input": "_i",
    "hidden": "33;",
    "hidden before a comment": "34; # quiet",
    "semicolon in a comment": "35 # not; quiet;",
    "hidden values count": "_",
    "value inside a block": "if True:\n    36",
    "all values": "%config InteractiveShell.ast_node_interactivity = 'all'",
    "each is shown": "1\n2",
    "only the last": "%config InteractiveShell.ast_node_interactivity = 'last_expr'",
}
TASKS = {
    "await": "import asyncio\nawait asyncio.sleep(0, 'slept')",
    "async for": "async def g():\n    for i in range(3): yield i\n[i async for i in g()]",
    "gather": "await asyncio.gather(*(asyncio.sleep(0, i) for i in range(3)))",
    "start a task": "seen = []\nasync def later():\n    await asyncio.sleep(0); seen.append('later')\n"
    "task = asyncio.create_task(later()); seen",
    "await it in another cell": "await task; seen, task.done()",
    "task raises": "async def bad(): raise ValueError('in task')\nawait asyncio.create_task(bad())",
    "second loop": "c = later()\ntry: asyncio.run(c)\nfinally: c.close()",
}
WIDGETS = {
    "slider": "import ipywidgets as widgets\nwidgets.IntSlider(value=3, description='n')",
    "shown widget": "display(widgets.Button(description='Go'))",
    "a widget's value": "slider = widgets.FloatSlider(value=0.5)\nslider.value = 0.25\nslider.value",
    "observed": "seen = []\nslider.observe(lambda change: seen.append(change['new']), 'value')\nslider.value = 1.0\nseen",
    "bar of progress": "bar = widgets.IntProgress(max=2)\nbar.value += 1\nbar",
}
PROCESSES = {
    "pool": "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool: r = pool.map(abs, [-1, -2])\nr",
    "executor": "from concurrent.futures import ProcessPoolExecutor\n"
    "with ProcessPoolExecutor(2) as pool: r = list(pool.map(abs, [-3]))\nr",
    "queue": "ctx = mp.get_context('fork')\nq = ctx.Queue()\np = ctx.Process(target=q.put, args=('from a child',))\n"
    "p.start(); got = q.get(); p.join(); got, p.exitcode",
    "fork": "import os\npid = os.fork()\nif pid == 0: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    "child prints": "print('before')\np = mp.get_context('fork').Process(target=print, args=('child',))\np.start(); p.join()",
    "source of a function": "import inspect\ndef src(): return 1\ninspect.getsource(src)",
    "pickle": "import pickle\nclass P: pass\ntype(pickle.loads(pickle.dumps(P()))).__name__, __name__",
}
GROUPS = (TABLES, FIGURES, DISPLAYS, ERRORS, STREAMS, SHELLS, MAGICS, HISTORY, TASKS, WIDGETS, PROCESSES)
CELLS = {name: source for group in GROUPS for name, source in group.items()}


@cache
def ours():
    with open_sandbox(limits=Limits(), zygote=nursery.zygote(SCIENTIFIC)) as sandbox:
        return {name: simplified(sandbox.run_cell(source).outputs) for name, source in CELLS.items()}


@cache
def theirs():
    return run_by_jupyter(CELLS)


@pytest.fixture
def kernel():
    with open_sandbox(limits=Limits(wall=60, cell=20)) as sandbox:
        yield sandbox


def shown(sandbox, source):
    """All that one cell printed, and its value."""
    outputs = sandbox.run_cell(source).outputs
    return "".join(o.get("text") or o.get("data", {}).get("text/plain") or o.get("evalue", "") for o in outputs)


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_says_what_it_says_under_jupyter(name):
    assert ours()[name] == theirs()[name]


def test_the_table_asks_each_thing_once():
    assert len(CELLS) == sum(len(group) for group in GROUPS)
    assert sum(1 for outputs in theirs().values() if outputs) > len(CELLS) * 0.8


@pytest.mark.parametrize("source", ["%no_such_magic", "%%no_such_magic\nx = 1"])
def test_a_magic_that_is_not_is_an_error_of_its_cell(source, kernel):
    result = kernel.run_cell(source)

    assert [o["output_type"] for o in result.outputs] == ["stream", "error"]
    assert result.raised == "UsageError"
    assert "no_such_magic` not found" in result.outputs[1]["evalue"]


@pytest.mark.parametrize("source", ["input('name? ')", "import getpass\ngetpass.getpass()", "%debug"])
def test_nobody_is_asked_anything(source, kernel):
    kernel.run_cell("1 / 0")

    assert kernel.run_cell(source).raised == "StdinNotImplementedError"


@pytest.mark.parametrize(
    "source",
    [
        "import os\n_ = os.system('echo below')",
        "import os\n_ = os.write(1, b'below\\n')",
        "import subprocess\n_ = subprocess.run(['echo', 'below'])",
        "import ctypes\nlibc = ctypes.CDLL(None)\n_ = libc.puts(b'below'), libc.fflush(None)",
        "import os\nif os.fork() == 0: os.write(1, b'below\\n'); os._exit(0)\n_ = os.wait()",
    ],
)
def test_what_is_printed_below_python_belongs_to_its_cell(source, kernel):
    assert shown(kernel, f"print('python')\n{source}") == "python\nbelow\n"
    assert shown(kernel, "1") == "1"


def test_a_task_goes_on_between_cells(kernel):
    kernel.run_cell(
        "import asyncio, time\nticks, ended = [], 0.0\nasync def tick():\n  while True:\n"
        "    ticks.append(time.monotonic()); await asyncio.sleep(0.001)\ntask = asyncio.create_task(tick())"
    )
    look = "began = time.monotonic(); found = any(ended < t < began for t in ticks); ended = time.monotonic(); found"
    kernel.run_cell("ended = time.monotonic()")

    ends = time.monotonic() + 15
    while shown(kernel, look) != "True" and time.monotonic() < ends:
        time.sleep(0.02)
    assert time.monotonic() < ends


def test_what_a_thread_prints_between_cells_is_not_lost(kernel):
    kernel.run_cell(
        "import threading\nmay = threading.Event()\n"
        "def speak():\n  may.wait()\n  print('late', flush=True)\n  done.set()\n"
        "done = threading.Event()\nthreading.Thread(target=speak).start()"
    )

    printed = shown(kernel, "may.set()") + shown(kernel, "done.wait()")

    assert "late\n" in printed


def test_a_broken_shell_is_an_error_of_the_cell_and_not_ours(kernel):
    kernel.run_cell("def broken(*_, **__): raise LookupError('mine')\nget_ipython().run_cell_async = broken")

    result = kernel.run_cell("1")

    assert result.raised == "LookupError"


def test_a_stream_takes_text_until_it_is_closed(kernel):
    assert kernel.run_cell("import sys\nsys.stdout.write(b'x')").raised == "TypeError"
    assert kernel.run_cell("sys.stdout.close()\nprint('x')").raised == "ValueError"


def test_each_kernel_starts_with_nothing_in_it(kernel):
    assert shown(kernel, "len(In), dict(Out), [n for n in dir() if not n.startswith('_')]").startswith("(2, {}, ['In',")
    assert kernel.run_cell("6 * 7").outputs[0]["execution_count"] == 2
    assert shown(kernel, "import sys\nhasattr(sys, 'last_value'), 'plt' in globals(), _2") == "(False, False, 42)"
