"""Which names a cell binds, uses and imports, read from its text. Nothing is run."""

import ast
import builtins
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

BUILTIN = frozenset(dir(builtins)) | {"__name__", "get_ipython", "display", "In", "Out", "exit", "quit"}
MAGIC_LINE = re.compile(r"^(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$).*$", re.MULTILINE)
ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+?)=\s*[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Names:
    """What a cell has to do with the namespace. `imports`: name → (module, attribute or empty)."""

    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_python: bool = True


def names_of(source: str) -> Names:
    """The names of one cell. What is no Python (a cell magic, a syntax error) binds and uses nothing."""
    tree = parsed(source)
    if tree is None:
        return Names(is_python=False)
    reader = _Reader()
    try:
        reader.visit(tree)
    except RecursionError:
        return Names(is_python=False)
    return Names(frozenset(reader.binds), frozenset(reader.uses - BUILTIN), dict(reader.imports))


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, magics left out; None if it has none."""
    if source.lstrip().startswith("%%"):
        return None
    without = MAGIC_LINE.sub(r"\1pass", ASSIGNED_MAGIC.sub(r"\1= None", source))
    for text in (source, without):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.parse(text)
    return None


class _Reader(ast.NodeVisitor):
    """Module-level binds; every name loaded anywhere that is not bound inside its own function."""

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.imports: dict[str, tuple[str, str]] = {}
        self._locals: list[set[str]] = []

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if not any(node.id in names for names in self._locals):
                self.uses.add(node.id)
        elif not self._locals:
            self.binds.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name)
        annotations = (node.returns, *(argument.annotation for argument in _arguments(node.args)))
        outside = (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *annotations)
        for outer in filter(None, outside):
            self.visit(outer)
        self._inside({argument.arg for argument in _arguments(node.args)} | _bound_inside(node), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  ast's own names

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for outer in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outer)
        self._inside({argument.arg for argument in _arguments(node.args)}, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)
        for outer in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(outer)
        self._inside(_bound_inside(node), node.body)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        bound = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        self._inside(bound, list(ast.iter_child_nodes(node)))

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(name)
            if not self._locals:
                self.imports[name] = (alias.name if alias.asname else name, "")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            self._bind(name)
            if not self._locals and node.module and not node.level and name != "*":
                self.imports[name] = (node.module, alias.name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def _bind(self, name: str) -> None:
        if not self._locals:
            self.binds.add(name)

    def _inside(self, names: set[str], body: list[ast.AST] | list[ast.stmt] | list[ast.expr]) -> None:
        self._locals.append(names)
        for part in body:
            self.visit(part)
        self._locals.pop()


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from filter(None, (arguments.vararg, arguments.kwarg))


def _bound_inside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """Names that a function or class makes its own (those declared global stay global)."""
    bound: set[str] = set()
    shared: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            bound.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and part is not node:
            bound.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in part.names}
        elif isinstance(part, ast.ExceptHandler) and part.name:
            bound.add(part.name)
        elif isinstance(part, ast.Global):
            shared |= set(part.names)
    return bound - shared
