"""The peer of the conformance tests: a real ipykernel under nbclient, and what must be equal of its outputs."""

import re
import tempfile

import nbformat
from nbclient import NotebookClient

CHANCE = {
    re.compile(r"0x[0-9a-f]{6,}"): "0x",
    re.compile(r"ipykernel_\d+"): "ipykernel",
    re.compile(r"\b[0-9a-f]{32}\b"): "model",
    re.compile(r"\b\d[\d.e+]* (?:ns|μs|us|ms|s|min|h)\b"): "T",
}


def settled(text):
    """Without what differs from run to run."""
    for pattern, instead in CHANCE.items():
        text = pattern.sub(instead, text)
    return text


def simplified(outputs):
    """What must be equal: kinds, texts, data, metadata, and of a traceback its last line."""
    kept: list[tuple] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            text = output["text"]
            if kept and kept[-1][:2] == (kind, output["name"]):  # how a stream is cut into pieces is chance
                text = kept.pop()[2] + text
            kept.append((kind, output["name"], settled(text)))
        elif kind == "error":
            last = "\n".join(output["traceback"]).strip().splitlines()[-1:]
            kept.append((kind, output["ename"], output["evalue"], [settled(line) for line in last]))
        else:
            data = {mime: settled(str(value)) for mime, value in output["data"].items()}
            kept.append((kind, data, dict(output["metadata"])))
    return kept


def run_by_jupyter(cells):
    """Name → simplified outputs of these sources, all in one kernel that writes into a folder of its own."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells.values()])
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, allow_errors=True, timeout=60, kernel_name="python3", resources=resources).execute()
    return {name: simplified(cell.outputs) for name, cell in zip(cells, notebook.cells, strict=True)}
