"""The small language of reader files: conditions and instants over columns, read as a tree and never executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxsim.errors import LogError, nearest, problem

Array = npt.NDArray[Any]
DAY: Final = 86_400.0
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MISSING_WORD: Final = -1


@dataclass(frozen=True)
class Words:
    """A column of words as codes into distinct names; code -1 is missing."""

    codes: Array
    names: tuple[str, ...]

    def is_word(self, word: str) -> Array:
        """Mask [n_rows] of rows that hold the word."""
        return self.codes == (self.names.index(word) if word in self.names else len(self.names))


Value = Array | Words


def names_in(text: str, *, where: str) -> set[str]:
    """Columns that an expression reads; refuses anything but the words of the language.

    Raises
    ------
    LogError
        Not an expression of the language.
    """
    tree = _parse(text, where=where)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def evaluate(text: str, columns: Mapping[str, Value], *, where: str, n_rows: int, first_weekday: int = 0) -> Any:
    """Value of an expression over columns.

    Words of the language: column names, numbers, quoted words, + - < <= > >= == !=, and, or, not, and the functions
    `first(a, b, ...)` (the first that is there), `least`, `greatest` (ignoring missing), `missing(a)`, `nothing()`,
    `choose(condition, a, b)`, `weekday(a)`, `hour(a)`, `repeated(a, ...)` (a row like an earlier one) and
    `overlaps(who, start, end)` (starts before an earlier stretch of the same one has ended).
    A comparison with a missing value is false.

    Parameters
    ----------
    text : str
    columns : mapping of str to array [n_rows] or Words
    where : str
        Place in the reader file, for the error.
    n_rows : int
    first_weekday : int
        Weekday of second 0, 0 Monday.

    Returns
    -------
    array [n_rows] or Words

    Raises
    ------
    LogError
        Not an expression of the language, or a name that is no column.
    """
    result = _Evaluation(columns, where, n_rows, first_weekday).visit(_parse(text, where=where).body)
    if isinstance(result, str):
        return Words(np.zeros(n_rows, dtype="i4"), (result,))
    return np.full(n_rows, result) if np.isscalar(result) else result


def _parse(text: str, *, where: str) -> ast.Expression:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LogError(problem(where, f"'{text}'", "not an expression", "e.g. ended - answered > 3600")) from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or not _known_word(node):
            raise LogError(
                problem(
                    where,
                    f"'{ast.unparse(node) if isinstance(node, ast.expr) else text}' is not a word of reader files",
                    f"allowed are columns, numbers, quoted words, comparisons, + -, and, or, not and the functions "
                    f"{', '.join(FUNCTIONS)}",
                )
            )
    return tree


def _known_word(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | str) and not isinstance(node.value, bool)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and not node.keywords and node.func.id in FUNCTIONS
    return True


_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Call, ast.Name, ast.Load, ast.Constant,
)  # fmt: skip

_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: np.equal, ast.NotEq: np.not_equal, ast.Lt: np.less,
    ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
}  # fmt: skip


class _Evaluation:
    """One walk over the tree; holds the columns and the place for errors."""

    def __init__(self, columns: Mapping[str, Value], where: str, n_rows: int, first_weekday: int) -> None:
        self.columns, self.where, self.n_rows, self.first_weekday = columns, where, n_rows, first_weekday

    def visit(self, node: ast.expr) -> Any:
        return getattr(self, f"_{type(node).__name__.lower()}")(node)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Value:
        if node.id not in self.columns:
            raise LogError(
                problem(
                    self.where,
                    f"'{node.id}' is not a column of this reader",
                    f"columns are {', '.join(self.columns)}",
                    nearest(node.id, self.columns),
                )
            )
        return self.columns[node.id]

    def _boolop(self, node: ast.BoolOp) -> Array:
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        masks = [self._mask(value) for value in node.values]
        return np.asarray(join.reduce(np.broadcast_arrays(*masks)))

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        return ~self._mask(node.operand) if isinstance(node.op, ast.Not) else -self._number(node.operand)

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self._number(node.left), self._number(node.right)
        return left + right if isinstance(node.op, ast.Add) else left - right

    def _compare(self, node: ast.Compare) -> Array:
        masks, left = [], self.visit(node.left)
        for operator, item in zip(node.ops, node.comparators, strict=True):
            right = self.visit(item)
            masks.append(self._compared(left, operator, right))
            left = right
        return np.asarray(np.logical_and.reduce(masks))

    def _compared(self, left: Any, operator: ast.cmpop, right: Any) -> Array:
        if isinstance(left, str):
            left, right = right, left
        if isinstance(left, Words) and isinstance(right, str) and isinstance(operator, ast.Eq | ast.NotEq):
            same = left.is_word(right)
            return same if isinstance(operator, ast.Eq) else ~same & (left.codes != MISSING_WORD)
        if isinstance(left, str | Words) or isinstance(right, str | Words):
            raise LogError(problem(self.where, "a word compared with something else", "column == 'word'"))
        both = ~(np.isnan(left) | np.isnan(right))
        return np.asarray(_COMPARISONS[type(operator)](left, right) & both)

    def _call(self, node: ast.Call) -> Any:
        function, least, most = FUNCTIONS[node.func.id]  # type: ignore[attr-defined]
        if not least <= len(node.args) <= most:
            raise LogError(problem(self.where, f"'{ast.unparse(node)}'", f"{least} to {most} things in the brackets"))
        return function(self, node.args)

    def _number(self, node: ast.expr) -> Any:
        value = self.visit(node)
        if isinstance(value, str | Words):
            raise LogError(problem(self.where, f"'{ast.unparse(node)}' is a word", "a number or an instant"))
        return value

    def _mask(self, node: ast.expr) -> Any:
        value = self.visit(node)
        if isinstance(value, str | Words) or np.asarray(value).dtype != bool:
            raise LogError(problem(self.where, f"'{ast.unparse(node)}'", "a condition, e.g. wait > 60"))
        return value

    def _words(self, node: ast.expr) -> Words:
        value = self.visit(node)
        if isinstance(value, str):
            return Words(np.zeros(self.n_rows, dtype="i4"), (value,))
        if np.isscalar(value) and np.isnan(value):
            return Words(np.full(self.n_rows, MISSING_WORD, dtype="i4"), ())
        if not isinstance(value, Words):
            raise LogError(problem(self.where, f"'{ast.unparse(node)}'", "a column of words"))
        return value

    def _keys(self, node: ast.expr) -> Array:
        value = self.visit(node)
        return value.codes if isinstance(value, Words) else np.asarray(value)


def _first(scope: _Evaluation, nodes: list[ast.expr]) -> Any:
    result = np.asarray(scope._number(nodes[0]), dtype="f8")
    for node in nodes[1:]:
        result = np.where(np.isnan(result), scope._number(node), result)
    return result


def _missing(scope: _Evaluation, nodes: list[ast.expr]) -> Any:
    value = scope.visit(nodes[0])
    return value.codes == MISSING_WORD if isinstance(value, Words) else np.isnan(value)


def _choose(scope: _Evaluation, nodes: list[ast.expr]) -> Any:
    condition = scope._mask(nodes[0])
    if not any(isinstance(scope.visit(node), str | Words) for node in nodes[1:]):
        return np.where(condition, scope._number(nodes[1]), scope._number(nodes[2]))
    left, right = scope._words(nodes[1]), scope._words(nodes[2])
    names = tuple(dict.fromkeys(left.names + right.names))
    codes = [
        np.array([*map(names.index, words.names), MISSING_WORD], dtype="i4")[words.codes] for words in (left, right)
    ]
    return Words(np.where(condition, *codes), names)


def _weekday(scope: _Evaluation, nodes: list[ast.expr]) -> Words:
    instant = scope._number(nodes[0])
    day = np.where(np.isnan(instant), 0.0, instant) // DAY
    codes = (day.astype("i8") + scope.first_weekday) % 7
    return Words(np.where(np.isnan(instant), MISSING_WORD, codes), WEEKDAYS)


def _repeated(scope: _Evaluation, nodes: list[ast.expr]) -> Array:
    frame = pd.DataFrame({number: scope._keys(node) for number, node in enumerate(nodes)})
    return frame.duplicated().to_numpy()


def _overlaps(scope: _Evaluation, nodes: list[ast.expr]) -> Array:
    who = scope._keys(nodes[0])
    start, end = scope._number(nodes[1]), scope._number(nodes[2])
    rows = np.flatnonzero((who != MISSING_WORD) & ~np.isnan(start) & ~np.isnan(end))
    rows = rows[np.lexsort((start[rows], who[rows]))]
    result = np.zeros(scope.n_rows, dtype=bool)
    if len(rows):
        group = np.cumsum(np.diff(who[rows], prepend=who[rows[0]]) != 0)
        # Groups are laid one after the other on one axis, so that one running maximum serves all of them.
        width = np.max(end[rows]) - np.min(start[rows]) + 1.0
        latest = np.maximum.accumulate(end[rows] + group * width)
        overlapping = np.zeros(len(rows), dtype=bool)
        overlapping[1:] = (start[rows] + group * width)[1:] < latest[:-1]
        result[rows[overlapping & np.r_[False, np.diff(group) == 0]]] = True
    return result


_MANY = 20
FUNCTIONS: Final[dict[str, tuple[Callable[[_Evaluation, list[ast.expr]], Any], int, int]]] = {
    "first": (_first, 1, _MANY),
    "least": (lambda s, nodes: np.fmin.reduce(np.broadcast_arrays(*[s._number(n) for n in nodes])), 2, _MANY),
    "greatest": (lambda s, nodes: np.fmax.reduce(np.broadcast_arrays(*[s._number(n) for n in nodes])), 2, _MANY),
    "missing": (_missing, 1, 1),
    "nothing": (lambda s, nodes: np.nan, 0, 0),
    "choose": (_choose, 3, 3),
    "weekday": (_weekday, 1, 1),
    "hour": (lambda s, nodes: s._number(nodes[0]) % DAY / 3600.0, 1, 1),
    "repeated": (_repeated, 1, _MANY),
    "overlaps": (_overlaps, 3, 3),
}
