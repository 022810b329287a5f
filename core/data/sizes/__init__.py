"""Measured object sizes: tables of numbers, boxes and shapes as tools write them, or the objects in pictures.

`read_sizes` says what a file may mean by sizes, and takes nothing where there is a question. Nothing that comes in is
trusted, and no file name decides how it is read. Whatever goes wrong ends in `SizesRefused` with one sentence for the
visitor.
"""

from core.data.sizes.candidates import Candidate, FoundSizes
from core.data.sizes.kinds import KINDS, Kind, kind_of
from core.data.sizes.measured import MeasuredSizes, SizesRefused
from core.data.sizes.pictures import measure_pictures
from core.data.sizes.reading import read_files, read_sizes

__all__ = [
    "KINDS",
    "Candidate",
    "FoundSizes",
    "Kind",
    "MeasuredSizes",
    "SizesRefused",
    "kind_of",
    "measure_pictures",
    "read_files",
    "read_sizes",
]
