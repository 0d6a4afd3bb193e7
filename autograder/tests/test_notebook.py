"""Reading files: what is no notebook gets a sentence that says what to do, and never a crash."""

import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebook import MAX_BYTES, kernel_language, read_notebook, write_notebook
from autograder.report import NotebookUnreadable
from tests.factories import code, notebook, text


def encoded(thing) -> bytes:
    return json.dumps(thing).encode()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"%PDF-1.7 ...", "PDF that was renamed"),
        (b"PK\x03\x04rest", "zip file"),
        (b"\xff\xfe\x00\x01", "not UTF-8"),
        (b"{not json", "line 1, column 2"),
        (b"just text", "This is not a notebook: it is text"),
        (b'{"cells": [', "cut off while saving"),
        (b"[1, 2]", "not a notebook"),
        (b"42", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b'{"cells": [NaN]}', "not valid JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nested too deeply"),
        (encoded({"nbformat": 3, "worksheets": 7}), "old format and damaged"),
        (encoded({"nbformat": 2, "worksheets": [{"cells": [5]}]}), "old format and damaged"),
        (encoded({"nbformat": 3}), "old format and damaged"),
        (encoded({"nbformat": 5, "cells": []}), "says format 5"),
        (encoded({"nbformat": "4", "cells": []}), "says format '4'"),
        (encoded({"nbformat": 4, "cells": {}}), "no list of cells"),
        (encoded({"nbformat": 4, "cells": [7]}), "Cell 1 is damaged"),
        (encoded({"nbformat": 4, "cells": [{"cell_type": "heading", "source": ""}]}), "Cell 1 is damaged"),
        (encoded({"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}), "text of cell 1"),
        (encoded(notebook(*[text("x")] * 5001)), "5001 cells"),
        (b" " * (MAX_BYTES + 1), "at most 10 MB"),
    ],
)
def test_read_notebook_says_what_is_wrong(raw, says):
    with pytest.raises(NotebookUnreadable, match=says):
        read_notebook(raw)


def test_read_notebook_repairs_what_editors_leave_out():
    raw = {"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a = 1\n", "b = 2"]}], "metadata": None}

    read = read_notebook(b"\xef\xbb\xbf" + encoded(raw))

    assert read["cells"][0]["source"] == "a = 1\nb = 2"
    assert read["cells"][0]["outputs"] == []
    assert read["cells"][0]["metadata"] == {}
    assert read["metadata"] == {}


KEYS = st.sampled_from(["cells", "nbformat", "source", "metadata", "cell_type"])
things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.binary(max_size=300) | things.map(encoded))
def test_read_notebook_never_crashes(raw):
    try:
        read = read_notebook(raw)
    except NotebookUnreadable as refused:
        assert str(refused).endswith((".", ")."))
    else:
        assert read_notebook(write_notebook(read)) == read


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"name": "python3"}}, "python"),
        ({"kernelspec": {"name": "conda-env-dl", "language": "python"}}, "python"),
        ({"language_info": {"name": "R"}, "kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9", "language": "julia"}}, "julia"),
        ({"kernelspec": "broken", "language_info": 3}, "python"),
    ],
)
def test_kernel_language_is_what_the_notebook_says(metadata, language):
    assert kernel_language({**notebook(code("1")), "metadata": metadata}) == language


CORPUS = sorted((Path(__file__).parent / "corpus").glob("*/submission.ipynb"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.parent.name)
@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
def test_what_jupyters_own_library_reads_is_what_we_read(path):
    raw = path.read_bytes()
    try:
        ours = read_notebook(raw)
    except NotebookUnreadable:
        return
    theirs = nbformat.reads(raw.decode("utf-8-sig"), as_version=4)
    assert [(c["cell_type"], c["source"]) for c in ours["cells"]] == [
        (c.cell_type, c.source.replace("\r\n", "\n")) for c in theirs.cells
    ]


def test_an_old_notebook_is_the_same_each_time_it_is_read():
    raw = (Path(__file__).parent / "corpus" / "honest-format-3" / "submission.ipynb").read_bytes()
    assert read_notebook(raw) == read_notebook(raw)
    assert read_notebook(raw)["nbformat"] == 4
