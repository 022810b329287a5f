"""What a column of a table holds, by its heading: `KINDS` is the table of words, `kind_of` reads it.

The words are those that ImageJ, scikit-image, CellProfiler, COCO, YOLO, Pascal VOC, VIA and people write, in English,
German, French, Spanish and Italian.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Final


class Kind(Enum):
    """What a column is good for; the value says it in a sentence of what was left out."""

    LENGTH = "a size"
    AREA = "an area"
    RADIUS = "a radius"
    WIDTH, HEIGHT = "a width", "a height"
    X_MIN, Y_MIN, X_MAX, Y_MAX = "a left edge", "an upper edge", "a right edge", "a lower edge"
    BOX = "boxes"
    IMAGE_SIZE = "the size of the image"
    ID = "a name, number, class or count"
    OTHER = "not a size"
    UNKNOWN = "unknown"


EDGES: Final = (Kind.X_MIN, Kind.Y_MIN, Kind.X_MAX, Kind.Y_MAX)


@dataclass(frozen=True)
class Meaning:
    """Kind of a column; which of several boxes it belongs to; if the heading says box; a unit but pixels."""

    kind: Kind
    owner: str = ""
    of_box: bool = False
    unit: str = ""


# Words without accents and capitals. Of several rows that fit, the first counts.
KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    (Kind.X_MIN, "xmin minx x1 x0 xtl left xlow xstart colmin mincol minimumx links"),
    (Kind.Y_MIN, "ymin miny y1 y0 ytl top ylow ystart rowmin minrow minimumy oben"),
    (Kind.X_MAX, "xmax maxx x2 xbr right xhigh xend colmax maxcol maximumx rechts"),
    (Kind.Y_MAX, "ymax maxy y2 ybr bottom yhigh yend rowmax maxrow maximumy unten"),
    (Kind.WIDTH, "width w breite largeur ancho anchura larghezza"),
    (Kind.HEIGHT, "height h hohe hoehe hauteur alto altura altezza"),
    (
        Kind.LENGTH,
        "size sizes scale diameter diameters caliper diametre durchmesser diametro diam dia feret maxferet minferet",
    ),
    (Kind.LENGTH, "major minor majoraxis minoraxis majoraxislength minoraxislength length lengths lange laenge"),
    (Kind.LENGTH, "longueur longitud lunghezza grosse groesse grossen taille tamano dimensione grootte storrelse"),
    (Kind.AREA, "area areas flache flaeche surface superficie aire"),
    (Kind.RADIUS, "radius radii rayon radio raggio"),
    (Kind.IMAGE_SIZE, "bildbreite bildhohe bildhoehe bildgrosse imagewidth imageheight imgwidth imgheight imgw imgh"),
    (Kind.ID, "id ids nr no num nummer number numero index idx row rows zeile ligne label labels track object objects"),
    (
        Kind.ID,
        "class classes classid klasse classe clase category categories cat cls type typ name names file filename",
    ),
    (Kind.ID, "image images img picture photo bild path source split frame slice roi channel ch page key count counts"),
    (
        Kind.ID,
        "n anzahl nombre anz score conf confidence prob probability iscrowd date datum time timestamp year plate",
    ),
    (
        Kind.ID,
        "well site objectnumber imagenumber unnamed difficult truncated occluded visibility lfd",
    ),
    (Kind.ID, "freq frequency haufigkeit effectif"),
)
_WORDS: Final = {word: kind for kind, words in reversed(KINDS) for word in words.split()}


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


# A heading with one of these is no size, whatever else it says.
_NOT_SIZES = _each(
    "x y z xm ym cx cy centroid center centre mean mode std stddev sd var min max median sum intden rawintden perim "
    "perimeter umfang circ circularity ar round roundness solidity skew kurt angle winkel orientation eccentricity "
    "extent euler intensity ratio aspect convex filled crofton percent fraction form factor compactness moment moments "
    "bx by weight weights gewicht price preis age alter temperature lat lon latitude longitude error feretx ferety "
    "feretangle volume %area % byte bytes kb kib mb mib gb gib filesize font fontsize"
)
_SIZES_ALL_THE_SAME = _each("diameter caliper durchmesser diametre diametro feret size sizes length")  # mean diameter
_STATISTICS = _each("mean max min median")
_IMAGE = _each("image images img picture photo frame bild canvas page original orig im slide")
_BOX = _each("bbox box boxes bounding boundingbox bndbox rect rectangle region xywh xyxy ltwh ltrb")
_FILLING = _each("of the a in object objects objekt objekte der des und and shape attributes")
_LENGTH_UNITS = {
    "um": "µm", "mm": "mm", "cm": "cm", "nm": "nm", "micron": "µm", "microns": "µm",
    "inch": "inches", "inches": "inches",
    "um2": "µm²", "mm2": "mm²", "cm2": "cm²",
}  # fmt: skip
_PIXELS = _each("px pixel pixels pix px2 pixels2")
UNIT_WORDS: Final = _PIXELS | frozenset(_LENGTH_UNITS) | _each("m deg degrees rad grad % nr string int float")


# Headings of programs that write decimal points in every country: ImageJ, scikit-image, CellProfiler, YOLO.
_OF_PROGRAMS = _each(
    "%Area Feret FeretX FeretY FeretAngle MinFeret IntDen RawIntDen Circ. Perim. Solidity equivalent_diameter "
    "equivalent_diameter_area axis_major_length axis_minor_length major_axis_length minor_axis_length "
    "feret_diameter_max bbox-0 bbox-1 bbox-2 bbox-3 centroid-0 centroid-1 x_center y_center"
)


def of_program(headings: Sequence[str]) -> bool:
    """Whether at least two headings are spelt as programs spell them that always write decimal points."""
    return sum(each in _OF_PROGRAMS or each.startswith("AreaShape_") for each in headings) >= 2


_COUNTS = _each("count counts n anzahl nombre freq frequency haufigkeit effectif")


def is_count(heading: str) -> bool:
    """Whether the heading says nothing but that it counts, as the second column of a histogram does."""
    return len(words := words_of(heading)) == 1 and words[0] in _COUNTS


def words_of(heading: str) -> list[str]:
    """The words of a heading, without accents and capitals: "boxWidth (µm)" is box, width, um."""
    text = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading.replace("µ", "u").replace("μ", "u"))
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(each for each in text if not unicodedata.combining(each))
    return [word for word in re.split(r"[^a-z0-9%]+", text) if word]


def kind_of(heading: str) -> Meaning:
    """What a column with this heading holds."""
    words = words_of(heading)
    unit = next((_LENGTH_UNITS[word] for word in words if word in _LENGTH_UNITS), "")
    only_unit = bool(words) and all(word in _PIXELS for word in words)
    of_box = any(word in _BOX for word in words)
    if words[:2] == ["area", "shape"]:  # CellProfiler's name for a group of columns
        words = words[2:]
    told = [word for word in words if word not in _PIXELS and word not in _LENGTH_UNITS and word not in _FILLING]
    kind, owner = Kind.LENGTH if only_unit else _kind(told, of_box, bool(words)), ""
    if kind in (*EDGES, Kind.WIDTH, Kind.HEIGHT, Kind.BOX):
        owner = " ".join(word for word in told if word not in _BOX and word not in (*_side_words(told), *"0123"))
    return Meaning(kind, owner, of_box, unit)


def meanings_of(headings: Sequence[str]) -> list[Meaning]:
    """What the columns with these headings hold: x1 is a right edge beside x0, and else a left one."""
    found = [kind_of(heading) for heading in headings]
    words = [words_of(heading) for heading in headings]
    for before, after, edge in (("x0", "x1", Kind.X_MAX), ("y0", "y1", Kind.Y_MAX)):
        if any(before in each for each in words):
            found = [replace(m, kind=edge) if after in each else m for m, each in zip(found, words, strict=True)]
    return found


def _kind(told: list[str], of_box: bool, has_words: bool) -> Kind:
    rest = [word for word in told if word not in _BOX]
    if not told:
        return Kind.ID if not has_words else Kind.UNKNOWN
    if of_box and rest in (["0"], ["1"], ["2"], ["3"]):  # regionprops_table: rows and columns, half open
        return (Kind.Y_MIN, Kind.X_MIN, Kind.Y_MAX, Kind.X_MAX)[int(rest[0])]
    if of_box and not (_side_words(rest) or set(rest) & _NOT_SIZES or _of(Kind.AREA, rest)):
        return Kind.ID if _of(Kind.ID, rest) else Kind.BOX
    if set(rest) & _IMAGE:
        sizes = (Kind.WIDTH, Kind.HEIGHT, Kind.LENGTH)
        return Kind.IMAGE_SIZE if any(_WORDS.get(word) in sizes for word in rest) else Kind.ID
    if sides := _side_words(rest):
        kind = _WORDS["".join(sides)]
        if kind in EDGES or not set(rest).difference(sides) & _NOT_SIZES:
            return kind
    return _plain_kind(rest, of_box)


def _plain_kind(rest: list[str], of_box: bool) -> Kind:
    not_sizes = set(rest) & _NOT_SIZES
    if not_sizes <= _STATISTICS and set(rest) & _SIZES_ALL_THE_SAME:
        not_sizes = set()
    if not_sizes or (of_box and _of(Kind.AREA, rest)):
        return Kind.OTHER
    for kind in (Kind.IMAGE_SIZE, Kind.ID, Kind.LENGTH, Kind.AREA, Kind.RADIUS):
        if _of(kind, rest):  # in this order: a "size class" is a class, "diameter_area" of regionprops a diameter
            return kind
    return Kind.UNKNOWN


def _side_words(words: list[str]) -> tuple[str, ...]:
    """The word, or the two words one after another, that say which side or edge of a box it is."""
    for pair in pairwise(words):
        if _WORDS.get("".join(pair)) in EDGES:
            return pair
    return next(((word,) for word in words if _WORDS.get(word) in (*EDGES, Kind.WIDTH, Kind.HEIGHT)), ())


def _of(kind: Kind, words: list[str]) -> bool:
    return any(_WORDS.get(word) is kind for word in words)
