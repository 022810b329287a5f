"""Connected pieces of a picture: which pixels hang together, and which pieces make one digit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

Box = tuple[int, int, int, int]  # top, bottom, left and right in pixels, ends excluded

_HEAVIEST = 100
_NEAR = 0.15  # of the digit's longer side: a gap that a lifted pen leaves
_BESIDE = 0.3  # of the narrower width: pieces that overlap less across stand beside one another, as two digits do
_ANOTHER = 0.25  # of the digit's ink: from here on what stands beside it is no speck of it
_LEAST = 0.02  # of the digit's ink: less is dirt


@dataclass(frozen=True)
class Piece:
    """Pixels that hang together.

    Attributes:
        label: of its pixels. top, bottom, left, right: its box in pixels, ends excluded.
        weight: sum of the squared strengths, so that few strong pixels outweigh many weak ones.
    """

    label: int
    top: int
    bottom: int
    left: int
    right: int
    weight: float

    @property
    def longer(self) -> int:
        return max(self.bottom - self.top, self.right - self.left)


def labels_of(marked: Bool[np.ndarray, "h w"]) -> Int[np.ndarray, "h w"]:
    """A number from 1 on for each piece of the marked pixels, 0 elsewhere; corners connect."""
    rows, starts, ends = _runs(marked)
    parent = list(range(len(rows)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    above, row, last = 0, -1, 0  # the run above from which to look on, and where the present row began
    for i, (r, start, end) in enumerate(zip(rows, starts, ends, strict=True)):
        if r != row:
            above = last if row == r - 1 else i
            row, last = r, i
        while above < last and ends[above] < start:
            above += 1
        touching = above
        while touching < last and starts[touching] <= end:
            parent[root(touching)] = root(i)
            touching += 1
    names: dict[int, int] = {}
    labels = np.zeros(marked.shape, dtype=np.int32)
    for i, (r, start, end) in enumerate(zip(rows, starts, ends, strict=True)):
        labels[r, start:end] = names.setdefault(root(i), len(names) + 1)
    return labels


def _runs(marked: Bool[np.ndarray, "h w"]) -> tuple[list[int], list[int], list[int]]:
    """Row, start and end (excluded) of each unbroken run of marked pixels, row by row."""
    steps = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return rows.tolist(), starts.tolist(), ends.tolist()


def pieces_of(labels: Int[np.ndarray, "h w"], strength: Float[np.ndarray, "h w"]) -> list[Piece]:
    """The 100 heaviest pieces, the heaviest first; noise has thousands."""
    rows, columns = np.nonzero(labels)
    of = labels[rows, columns]
    count = int(of.max(initial=0)) + 1
    weights = np.bincount(of, strength[rows, columns] ** 2, minlength=count)
    ends = np.zeros((count, 4), dtype=int)
    ends[:, 0] = ends[:, 2] = max(labels.shape)
    for values, low, high in ((rows, 0, 1), (columns, 2, 3)):
        np.minimum.at(ends[:, low], of, values)
        np.maximum.at(ends[:, high], of, values + 1)
    pieces = []
    for label in (1 + np.argsort(-weights[1:], kind="stable"))[:_HEAVIEST]:
        top, bottom, left, right = map(int, ends[label])
        pieces.append(Piece(int(label), top, bottom, left, right, float(weights[label])))
    return pieces


def box_of(pieces: Sequence[Piece]) -> Box:
    """Around all of them."""
    return (
        min(piece.top for piece in pieces),
        max(piece.bottom for piece in pieces),
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
    )


def parts_of_digit(main: Piece, pieces: Sequence[Piece]) -> list[Piece]:
    """`main` and what belongs to it: specks excepted, what is near and not another digit beside it."""
    parts, left = [main], [piece for piece in pieces if piece is not main and piece.weight > _LEAST * main.weight]
    while joined := [piece for piece in left if any(_belongs(piece, part, main) for part in parts)]:
        parts += joined
        left = [piece for piece in left if piece not in joined]
    return parts


def _belongs(piece: Piece, part: Piece, main: Piece) -> bool:
    across = min(piece.right, part.right) - max(piece.left, part.left)
    down = min(piece.bottom, part.bottom) - max(piece.top, part.top)
    if max(-across, -down, 0) > _NEAR * main.longer:
        return False
    narrower = min(piece.right - piece.left, part.right - part.left)
    return across > _BESIDE * narrower or piece.weight < _ANOTHER * main.weight
