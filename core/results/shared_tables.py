"""A table that leaves the page: as CSV for a program, as LaTeX for a paper, as Markdown for a note."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.equivariance.exports import as_csv

Cell = str | int | float | None

_NONE = "–"  # in Markdown, where there is no number
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "—": "---", "…": r"\ldots{}", "×": r"$\times$",
    "−": "$-$", "±": r"$\pm$", "≤": r"$\leq$", "≥": r"$\geq$", "·": r"$\cdot$", "²": r"\textsuperscript{2}",
    "√": r"$\surd$", "ρ": r"$\rho$", "σ": r"$\sigma$", "τ": r"$\tau$", "ε": r"$\varepsilon$", "‖": r"$\|$", "′": "$'$",
    "’": "'", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column. Attributes: title: with its unit. decimals: that are shown of its numbers; None for text."""

    title: str
    decimals: int | None = None


@dataclass(frozen=True)
class SharedTable:
    """Rows of one view, in the order in which they are shown.

    Attributes:
        name: of its file and label, of letters, digits and dashes. caption: a sentence that says what it holds.
        columns: from the left. rows: a cell for each column; None or NaN where there is no number.
        views: where the page shows each row live, as a relative address; none, or one a row.
    Raises: ValueError if a row has another number of cells, or views and rows do not match.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {self.name} needs {len(self.columns)} cells, got {len(row)}")
        if self.views and len(self.views) != len(self.rows):
            raise ValueError(f"{len(self.rows)} rows of {self.name} cannot have {len(self.views)} views")

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(column.title for column in self.columns)


def sorted_by(table: SharedTable, title: str) -> SharedTable:
    """The rows in ascending order of one column, those without a value last.

    Raises: ValueError if there is no such column.
    """
    if title not in table.titles:
        raise ValueError(f"{table.name} has no column {title!r}; it has {', '.join(table.titles)}")
    k = table.titles.index(title)
    order = sorted(range(len(table.rows)), key=lambda row: _place(table.rows[row][k]))
    views = tuple(table.views[row] for row in order) if table.views else ()
    return replace(table, rows=tuple(table.rows[row] for row in order), views=views)


def to_csv(table: SharedTable) -> str:
    """Six digits of each number, and an empty cell where there is none."""
    return as_csv(table.titles, [[_exact(cell) for cell in row] for row in table.rows])


def to_markdown(table: SharedTable, link: str = "") -> str:
    """With its caption above, and the link to the view below."""
    ruler = ["---" if column.decimals is None else "---:" for column in table.columns]
    shown = [[_in_markdown(cell) for cell in row] for row in in_words(table)]
    lines = [_line(row) for row in (table.titles, ruler, *shown)]
    return "\n".join([table.caption, "", *lines, *(["", f"<{link}>"] if link else []), ""])


def to_latex(table: SharedTable, link: str = "") -> str:
    """A `table` with the rules of booktabs, caption and label, and the link to the view under it."""
    kinds = "".join("l" if column.decimals is None else "r" for column in table.columns)
    rows = [" & ".join(map(escape_latex, row)) + r" \\" for row in in_words(table)]
    below = [rf"\par\smallskip{{\footnotesize\url{{{link}}}}}"] if link else []
    return "\n".join(
        [
            r"% \usepackage{booktabs,hyperref}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape_latex(table.caption)}}}",
            rf"\label{{tab:{table.name}}}",
            rf"\begin{{tabular}}{{{kinds}}}",
            r"\toprule",
            " & ".join(map(escape_latex, table.titles)) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *below,
            r"\end{table}",
            "",
        ]
    )


def escape_latex(text: str) -> str:
    """A text as LaTeX prints it; what it has no sign for becomes a question mark, so that it always compiles."""
    return "".join(_LATEX.get(sign, sign if sign.isascii() or _is_accented(sign) else "?") for sign in text)


FORMATS: dict[str, tuple[str, str, Callable[[SharedTable, str], str]]] = {
    "CSV": ("csv", "text/csv", lambda table, link: to_csv(table)),
    "LaTeX": ("tex", "application/x-tex", to_latex),
    "Markdown": ("md", "text/markdown", to_markdown),
}
"""By name: ending and type of the file, and what writes a table with the link to its view."""


def _place(cell: Cell) -> tuple[bool, str, float]:
    if isinstance(cell, str):
        return False, cell, 0.0
    return _is_empty(cell), "", 0.0 if _is_empty(cell) else float(cell or 0)


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _is_accented(sign: str) -> bool:
    return sign.isalpha() and ord(sign) < 0x180


def in_words(table: SharedTable, none: str = _NONE) -> list[list[str]]:
    """Every cell as it is read, rounded to the decimals of its column."""
    return [
        [_rounded(cell, column, none) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]


def _rounded(cell: Cell, column: Column, none: str) -> str:
    if _is_empty(cell):
        return none
    return cell if isinstance(cell, str) else f"{cell:,.{column.decimals or 0}f}"


def _exact(cell: Cell) -> object:
    if _is_empty(cell):
        return ""
    return repr(float(f"{cell:.6g}")) if isinstance(cell, float) else cell


def _in_markdown(cell: str) -> str:
    return cell.replace("|", r"\|")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
