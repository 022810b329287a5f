import numpy as np
import pytest

from core.data.pieces import Piece, labels_of, parts_of_digit, pieces_of


def flooded(marked: np.ndarray) -> np.ndarray:
    """Labels by filling from one pixel after the other: slow and plain."""
    labels = np.zeros(marked.shape, dtype=int)
    for start in zip(*np.nonzero(marked), strict=True):
        if labels[start]:
            continue
        new, stack = labels.max() + 1, [start]
        while stack:
            y, x = stack.pop()
            if 0 <= y < marked.shape[0] and 0 <= x < marked.shape[1] and marked[y, x] and not labels[y, x]:
                labels[y, x] = new
                stack += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return labels


@pytest.mark.parametrize("share", [0.1, 0.3, 0.4, 0.5, 0.9])
def test_pieces_are_those_of_a_flood_fill(share: float):
    marked = np.random.default_rng(round(100 * share)).random((40, 57)) < share
    labels, expected = labels_of(marked), flooded(marked)
    pairs = {(int(a), int(b)) for a, b in zip(labels.ravel(), expected.ravel(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) == expected.max() + 1


def test_a_piece_has_its_box_and_its_weight():
    ink = np.zeros((20, 30))
    ink[3:8, 10:12] = 0.5
    ink[15, 25:29] = 1.0
    light, heavy = sorted(pieces_of(labels_of(ink > 0), ink), key=lambda piece: piece.weight)
    assert (light.top, light.bottom, light.left, light.right, light.weight, light.longer) == (3, 8, 10, 12, 2.5, 5)
    assert (heavy.top, heavy.bottom, heavy.left, heavy.right, heavy.weight, heavy.longer) == (15, 16, 25, 29, 4.0, 4)


def test_nothing_has_no_pieces():
    assert pieces_of(labels_of(np.zeros((5, 5), dtype=bool)), np.zeros((5, 5))) == []


@pytest.mark.parametrize(
    ("box", "weight", "joined"),
    [
        ((-10, 0, 20, 60), 40.0, True),  # the bar of a 5, over it
        ((0, 90, 70, 110), 90.0, False),  # another digit beside it
        ((40, 60, 62, 70), 10.0, True),  # a bit that a weak stroke parted
        ((40, 60, 62, 70), 1.0, False),  # a speck
        ((-60, -40, 20, 60), 40.0, False),  # far over it
    ],
)
def test_what_is_near_and_no_digit_beside_it_belongs_to_a_digit(box, weight, joined):
    main = Piece(1, 0, 100, 0, 60, 100.0)
    other = Piece(2, *box, weight)
    assert (other in parts_of_digit(main, [main, other])) == joined
