"""What may be the sizes in a table: each a column, or the larger side of boxes, with its count and range."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float, Int

from core.data.sizes.measured import LIMITS, MeasuredSizes, SizesRefused, checked, counted, short

SURE, DERIVED, POSSIBLE = 0, 1, 2  # named a size; follows from an area or a radius; a column without such a name


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to take sizes from a file.

    title: what is taken, such as "column Feret". rank: SURE, DERIVED or POSSIBLE.
    sides: the sizes, or width and height of boxes, one row each; NaN where the file has no value.
    lines: where each row stands. fractions: whether sides are fractions of the width and height of the image.
    doubt: why it is not taken without a question although nothing else is there.
    """

    title: str
    rank: int
    sides: Float[np.ndarray, "n sides"] = field(repr=False)
    lines: Int[np.ndarray, " n"] = field(repr=False)
    file: str
    fractions: bool = False
    unit: str = ""
    doubt: str = ""
    where: str = "Line"
    left_out: str = ""
    note: str = ""

    def wrong(self) -> str:
        """What is wrong with the first row whose size is none, in a sentence; empty if all are good."""
        sides = self.sides
        with np.errstate(invalid="ignore"):
            bad = (sides < 0).any(axis=1) | ~((sides.max(axis=1) > LIMITS[0]) & (sides.max(axis=1) < LIMITS[1]))
        bad &= ~np.isnan(sides).any(axis=1)
        if not bad.any():
            return ""
        row = int(np.argmax(bad))
        given = " × ".join(f"{side:g}" for side in sides[row])
        return f"{self.where} {self.lines[row]:,} holds {given}, where a positive number of pixels is expected."

    def sizes(self, image: tuple[float | int, float | int] | None = None) -> MeasuredSizes:
        """The sizes in pixels: of boxes the larger side. Rows without a value are left out, and the note says so.

        Args: image: width and height of the images in pixels, which fractions are of.
        Raises: SizesRefused if a size is not positive, there are fewer than two, or fractions have no `image`.
        """
        if wrong := self.wrong():
            raise SizesRefused(wrong)
        sides = self.sides[~np.isnan(self.sides).any(axis=1)]
        if self.fractions:
            if image is None:
                raise SizesRefused(
                    f"The boxes of {self.file} are fractions of the image; give the width and height of the images."
                )
            sides = sides * np.array(image)
        return checked(sides.max(axis=1), self.note or self._note(len(sides), image))

    @property
    def preview(self) -> str:
        """Title, count, range and first values, for a choice among several."""
        values = self.sides[~np.isnan(self.sides).any(axis=1)].max(axis=1, initial=-np.inf)
        if not values.size:
            return f"{self.title}: no value"
        first = ", ".join(f"{value:.6g}" for value in values[:3]) + (", …" if values.size > 3 else "")
        of = " of the image" if self.fractions else ""
        return f"{self.title}: {counted(values.size, 'value')}, {values.min():.6g} to {values.max():.6g}{of} ({first})"

    def _note(self, count: int, image: tuple[float | int, float | int] | None) -> str:
        note = f"{counted(count, 'size')} from {self.title} of {self.file}" if self.title else (
            f"{counted(count, 'size')} from {self.file}"
        )  # fmt: skip
        if self.fractions and image is not None:
            note += f", of images of {image[0]:g} × {image[1]:g} pixels"
        if self.unit:
            note += f", in {self.unit}, which count as pixels here"
        if missing := len(self.sides) - count:
            note += f"; {counted(missing, 'row')} without a value left out"
        return f"{note}{self.left_out}."


@dataclass(frozen=True, eq=False)
class FoundSizes:
    """What a file may mean by sizes; at least one candidate, the likely ones first.

    clear: the candidate that may be taken without a question; None where a person must choose.
    """

    candidates: tuple[Candidate, ...]
    clear: int | None
    file: str

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)

    def sizes(self, image: tuple[float | int, float | int] | None = None) -> MeasuredSizes:
        """The sizes, where there is no question which.

        Raises: SizesRefused, with the candidates named, where there is.
        """
        if self.clear is None:
            raise SizesRefused(self.question)
        return self.candidates[self.clear].sizes(image)

    @property
    def question(self) -> str:
        """What is to be chosen, with the first candidates, in a sentence; empty where the answer is clear."""
        if self.clear is not None:
            return ""
        if len(self.candidates) == 1:
            only = self.candidates[0]
            return f"The sizes of {self.file} may be {only.preview}, but {only.doubt}."
        named = "; or ".join(each.preview for each in self.candidates[:3])
        more = f"; or {len(self.candidates) - 3} more" if len(self.candidates) > 3 else ""
        return f"The sizes of {self.file} may be {named}{more}."


def found(candidates: list[Candidate], file: str) -> FoundSizes:
    """The candidates in order, without those that give the same sizes as one before, and which is clear.

    Raises: SizesRefused with what is wrong with the likeliest, if no likely one is good.
    """
    ordered = sorted(candidates, key=lambda each: each.rank)
    wrong = {id(each): each.wrong() for each in ordered}
    good = [each for each in ordered if not wrong[id(each)] and not np.isnan(each.sides).any(axis=1).all()]
    best = ordered[0].rank
    if not good or good[0].rank > best:
        reason = next((text for text in wrong.values() if text), f"Column {short(ordered[0].title)} has no value.")
        raise SizesRefused(reason)
    different: list[Candidate] = []
    for each in good:
        if not any(_same(each, other) for other in different):
            different.append(each)
    likely = [each for each in different if each.rank == best]
    if len(likely) == 1 and (
        dropped := next((each for each in ordered if wrong[id(each)] and each.rank == best), None)
    ):
        doubt = f"{dropped.title} was expected too, and {wrong[id(dropped)].rstrip('.')}"
        likely = different[:1] = [replace(likely[0], doubt=doubt)]
    rivals = best == DERIVED and len(different) > len(likely)
    clear = 0 if len(likely) == 1 and not rivals and not likely[0].doubt else None
    return FoundSizes(tuple(different), clear, file)


def only(measured: MeasuredSizes, file: str) -> FoundSizes:
    """Sizes that need no choice, such as those of pictures."""
    values = measured.values[:, None]
    lines = np.arange(1, len(values) + 1)
    return FoundSizes((Candidate("", SURE, values, lines, file, note=measured.note),), 0, file)


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether two give the same sizes; what follows from an area is as exact as tools write the area."""
    if one.fractions != other.fractions or len(one.sides) != len(other.sides):
        return False
    precision = 1e-3 if DERIVED in (one.rank, other.rank) else 0
    return np.allclose(one.sides.max(axis=1), other.sides.max(axis=1), rtol=precision, atol=0, equal_nan=True)
