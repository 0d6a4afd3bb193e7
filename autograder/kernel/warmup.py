"""The kernel object of a zygote: built once, run through one cell of each common kind, every trace wiped."""

import asyncio
import contextlib
import linecache
import random
import sys
from typing import Any

from autograder.kernel import standins
from autograder.kernel.pipe import PipeStream, build_kernel, discard

CELLS = (
    "pass",
    "1 + 1",
    "print('x')",
    "def f(n):\n    raise ValueError(n)\nf(1)",
    "import asyncio\nawait asyncio.sleep(0)",
    "%time 1",
)
OF_A_LIBRARY = {
    "matplotlib.pyplot": (
        "%matplotlib inline",
        (
            "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(); ax.plot([1, 2], label='a'); ax.scatter([1, 2], [1, 2])\n"
            "ax.hist([1, 2, 3]); ax.set_title('t'); ax.set_xlabel('x'); ax.legend();"
        ),
        "plt.hist([1, 2, 3]);",
    ),
    "pandas": (
        (
            "import pandas as pd, numpy as np\n"
            "df = pd.DataFrame({'a': np.arange(9) % 2, 'b': np.random.default_rng(0).normal(size=9)})\n"
            "df.describe(); df.groupby('a').b.mean()"
        ),
        "df.head()",
        "df.b",
    ),
    "torch": (
        (
            "import torch\n_ = torch.set_num_threads(1)\n"  # after a parallel region here every child would hang
            "net = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))\n"
            "step = torch.optim.Adam(net.parameters(), 1e-2); step.zero_grad(); repr(net(torch.randn(8, 5)))"
        ),
    ),
}
LEFT_IN_SYS = ("last_type", "last_value", "last_traceback", "last_exc")


def new_kernel() -> Any:
    """A kernel that has run nothing, and the modules that answer for otter and nose."""
    standins.install()
    return build_kernel()


def warm(kernel: Any) -> None:
    """Run a cell of each kind whose first use is slow, and remember none of them."""
    kept = sys.stdout, sys.stderr, sys.displayhook, sys.excepthook
    sys.stdout, sys.stderr = PipeStream("stdout", discard, 1), PipeStream("stderr", discard, 2)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    late = [cell for module, cells in OF_A_LIBRARY.items() if module in sys.modules for cell in cells]
    for source in (*CELLS, *late):
        loop.run_until_complete(kernel.do_execute(source, False, store_history=True, allow_stdin=False))
    loop.close()
    asyncio.set_event_loop(None)
    sys.stdout, sys.stderr, sys.displayhook, sys.excepthook = kept
    _wipe(kernel)


def _wipe(kernel: Any) -> None:
    shell = kernel.shell
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
    shell.reset(new_session=True)
    shell.execution_count = 1
    shell.last_execution_succeeded = True
    shell.last_execution_result = None
    for name in LEFT_IN_SYS:
        with contextlib.suppress(AttributeError):
            delattr(sys, name)
    linecache.clearcache()


def reseed(seed: int) -> None:
    """A fork copies every generator; from here on this notebook draws numbers of its own, the same at each run of it."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed % 2**32)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
