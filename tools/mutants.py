"""What can be changed in a module: every single change of a kind that a good test should notice.

A mutant is the text of the whole module with one expression or statement replaced. Docstrings, annotations, decorators,
texts and what only type checkers see are left alone: no test is meant to notice those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Change = tuple[str, ast.expr | ast.stmt]

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
NOT_RUN = {"annotation", "returns", "decorator_list", "type_params", "bases"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where it is, of what kind, and the whole module with it."""

    module: str
    file: Path
    line: int
    kind: str
    source: bytes
    before: str
    after: str

    @property
    def place(self) -> str:
        """Return `file:line`."""
        return f"{self.file.as_posix()}:{self.line}"


def mutants_of(module: str, file: Path, source: bytes) -> Iterator[Mutant]:
    """Yield every mutant of one file, in the order of its lines."""
    starts = line_starts(source)
    for node, is_condition in visited(ast.parse(source)):
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        begin = starts[first] + node.col_offset
        end = starts[last - 1] + (node.end_col_offset or 0)
        for kind, changed in changes(node, is_condition=is_condition):
            text = ast.unparse(ast.fix_missing_locations(changed))
            if isinstance(changed, ast.expr) and not isinstance(changed, ast.Constant):
                text = f"({text})"
            before = source[starts[first] : starts[last]]
            after = source[starts[first] : begin] + text.encode() + source[end : starts[last]]
            mutated = source[: starts[first]] + after + source[starts[last] :]
            yield Mutant(module, file, first + 1, kind, mutated, before.decode(), after.decode())


def line_starts(source: bytes) -> list[int]:
    """Return the byte offset at which each line starts."""
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    return offsets


def visited(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, bool]]:
    """Yield the nodes that may be changed, in the order of the text, and whether each is a condition."""
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, is_condition = waiting.pop()
        if isinstance(node, ast.expr | ast.stmt):
            yield node, is_condition
        if not is_beside_the_program(node):
            waiting.extend(reversed(list(children(node))))


def is_beside_the_program(node: ast.AST) -> bool:
    """Tell whether a node holds nothing that a test could notice, or has places that are not exact."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    return isinstance(node, ast.JoinedStr)  # places inside an f-string are wrong before Python 3.12


def children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the parts of a node that count when the program runs, and whether each is a condition."""
    for name, value in ast.iter_fields(node):
        if name in NOT_RUN or (name == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield part, name in {"test", "ifs"}


def changes(node: ast.expr | ast.stmt, *, is_condition: bool = False) -> Iterator[Change]:
    """Yield each way to change this node alone."""
    if is_condition and not isinstance(node, ast.Compare | ast.UnaryOp | ast.stmt):
        yield "condition", ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.stmt):
        yield from statement_changes(node)
    elif isinstance(node, ast.Compare):
        yield from comparison_changes(node)
    elif isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        yield "arithmetic", ast.BinOp(node.left, SWAPPED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and/or", ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "sign or not removed", node.operand
    elif isinstance(node, ast.Constant):
        yield from constant_changes(node)


def comparison_changes(node: ast.Compare) -> Iterator[Change]:
    """Yield the comparison with its boundary moved and with its sense turned."""
    for index, operator in enumerate(node.ops):
        for other in COMPARED[type(operator)]:
            operators = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield "comparison", ast.Compare(node.left, operators, node.comparators)


def constant_changes(node: ast.Constant) -> Iterator[Change]:
    """Yield the neighbours of a number, and the other truth value."""
    if isinstance(node.value, bool):
        yield "truth value", ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield "constant", ast.Constant(node.value + 1)
        yield "constant", ast.Constant(node.value - 1)


def statement_changes(node: ast.stmt) -> Iterator[Change]:
    """Yield a statement with its condition negated, its value lost, or the statement gone."""
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "return None", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise | ast.AugAssign | ast.Delete) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield "statement removed", ast.Pass()
    elif isinstance(node, ast.Continue):
        yield "break", ast.Break()
    elif isinstance(node, ast.Break):
        yield "continue", ast.Continue()
