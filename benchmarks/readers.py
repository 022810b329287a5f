"""Every reader of what a visitor or a file may bring, beside those of networks: a good example of what it reads, the
reader itself, and the errors that it documents."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from components import crop_box, curve_pad, draw_pad, lesson_card, presenting, scale_axis, stack_viewer
from components.presenting.views import read_views
from core import typed_json
from core.checkpoints import Card
from core.data.drawing import Drawing
from core.data.images import ImageRefused, decode_image
from core.data.sizes import SizesRefused, read_sizes
from core.files import ASSETS
from core.results import codec
from core.results.study import RunLine
from core.scales import ScaleSet
from core.training.grid import Grid

Read = Callable[[bytes], object]
_LIKELY = b'0123456789-+eE.,;:{}[]"\n\r\t PK\x00\xff'  # what means something to some of them
_PIECES = (
    b"",
    b"1e-320",
    b"1e999",
    b"NaN",
    b"-",
    b"9" * 400,
    b"[" * 3000,
    b'"a":',
    b"null",
    b"PK\x01\x02",
    b"\xff" * 8,
)
_VALUES: tuple[Any, ...] = (
    None, True, "", "a", -1, 0, 1e308, 10**400, float("nan"), float("inf"), [], {}, [[]], [None], {"a": []},
    ["a"] * 3000, [0.5] * 30_000,
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Attributes: good: what it reads. read: the reader. refusals: the errors that it documents."""

    good: Callable[[], bytes]
    read: Read
    refusals: tuple[type[Exception], ...]


def changed(good: bytes, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """`count` files made from one, the same for a seed: the kind of change, and the bytes."""
    draw = random.Random(seed)
    kinds = sorted(_CHANGES)
    for k in range(count):
        kind = kinds[k % len(kinds)]
        content = good
        for _ in range(draw.choice((1, 1, 3))):
            content = _CHANGES[kind](content, draw)
        yield kind, content


def _any_bytes(content: bytes, draw: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(draw.choice((1, 3, 30)) if made else 0):
        reach = len(made) if draw.random() < 0.5 else min(400, len(made))
        made[draw.randrange(reach)] = draw.randrange(256)
    return bytes(made)


def _likely_bytes(content: bytes, draw: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(draw.choice((1, 3)) if made else 0):
        made[draw.randrange(len(made))] = draw.choice(_LIKELY)
    return bytes(made)


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _piece(content: bytes, draw: random.Random) -> bytes:
    at, until = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:at] + draw.choice(_PIECES) + content[min(until, at + 20) :]


def _again(content: bytes, draw: random.Random) -> bytes:
    at, until = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return (content[:until] + content[at:])[: 1 << 20]


def _number(content: bytes, draw: random.Random) -> bytes:
    """Four bytes become a number that a header may hold."""
    at = draw.randrange(max(1, min(400, len(content) - 4)))
    number = draw.choice((0, 1, 255, 1 << 15, (1 << 16) - 1, 1 << 24, (1 << 31) - 1, (1 << 32) - 1))
    return content[:at] + number.to_bytes(4, draw.choice(("little", "big"))) + content[at + 4 :]


def _value(content: bytes, draw: random.Random) -> bytes:
    """One value of JSON becomes another; what is no JSON gets other bytes."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return _any_bytes(content, draw)
    places = list(_places(told))
    if not places:
        return json.dumps(draw.choice(_VALUES)).encode()
    holder, key = draw.choice(places)
    holder[key] = draw.choice(_VALUES)
    return json.dumps(told).encode()


def _places(told: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list in a value of JSON, with each of its keys or places."""
    inside = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in list(inside):
        yield told, key
        yield from _places(value)


_CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "any bytes": _any_bytes, "likely bytes": _likely_bytes, "cut": _cut, "piece": _piece, "again": _again,
    "number": _number, "value": _value,
}  # fmt: skip


def _picture(kind: str) -> bytes:
    """A dark bar on light paper."""
    pixels = np.full((40, 30), 230, np.uint8)
    pixels[8:32, 12:17] = 20
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def _zip(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def _table() -> bytes:
    """The first runs of the study."""
    lines = codec.parse(RunLine, (ASSETS / "results" / "study.csv").read_bytes(), "study.csv")
    return codec.to_text(RunLine, lines[:5]).encode()


def _first(folder: str, name: str) -> bytes:
    return (Path(ASSETS) / folder / name).read_bytes()


def _of_a_browser(reader: Callable[[object], object]) -> Read:
    """What the browser sends is JSON, and refused by Streamlit where it is none."""
    return lambda content: reader(json.loads(content.decode("utf-8", "replace")))


def _report(**parts: object) -> Callable[[], bytes]:
    return lambda: json.dumps({"id": "a1", **parts}).encode()


_SIZES = {
    "sizes.csv": b"id,size,unit\n1,38.65,px\n2,12.5,px\n3,20,px\n",
    "boxes.json": b'{"annotations": [{"image_id": 1, "bbox": [473.07, 395.93, 38.65, 28.67]}, {"image_id": 1, '
    b'"bbox": [1, 2, 9, 5]}]}',
    "yolo.txt": b"0 0.5 0.5 0.25 0.125\n1 0.25 0.75 0.0625 0.03125\n",
}
_TEXT = (ValueError,)
_JSON = (ValueError, RecursionError)  # of json.loads itself, before our reader

READERS: dict[str, Reader] = {
    **{
        kind: Reader(partial(_picture, kind), decode_image, (ImageRefused,))
        for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
    },
    **{
        name: Reader(partial(bytes, good), partial(read_sizes, name=name), (SizesRefused,))
        for name, good in _SIZES.items()
    },
    "pictures.zip": Reader(
        lambda: _zip(**{"a.png": _picture("PNG"), "b.jpg": _picture("JPEG")}), partial(read_sizes, name="pictures.zip"),
        (SizesRefused,),
    ),
    "card": Reader(partial(_first, "checkpoints", "cnn-small.json"), partial(typed_json.read, Card), _TEXT),
    "grid": Reader(partial(_first, "sweeps", "isr.json"), partial(typed_json.read, Grid), _TEXT),
    "table": Reader(_table, lambda content: codec.parse(RunLine, content, "study.csv"), _TEXT),
    "drawing in a link": Reader(
        lambda: Drawing((((-3.0, -8.0), (0.5, 2.0), (3.0, 8.0)),), 2.5).to_text().encode(),
        lambda content: Drawing.from_text(content.decode("latin-1")).render(), _TEXT,
    ),
    "scales in a link": Reader(
        lambda: b"1-1.26-1.59-2", lambda content: ScaleSet.from_text(content.decode("latin-1")), _TEXT
    ),
    "saved views": Reader(
        lambda: b"~vmaps~qnetwork~ecnn~as~e1.26~verrors~qs~e2",
        lambda content: read_views(content.decode("latin-1"), ("", "maps", "errors")), _TEXT,
    ),
    "report of a drawing": Reader(
        _report(strokes=[[[-3.0, -8.0], [0.5, 2.0]], [[1, 2]]], pen=2.5, centre=True),
        _of_a_browser(draw_pad.read_report), _JSON,
    ),
    "report of the axis": Reader(
        _report(moved=["data", "isr"], low=0.5, high=2.0), _of_a_browser(scale_axis.read_report), _JSON
    ),
    "report of the viewer": Reader(
        _report(amount=1.26, opened="3.2"),
        _of_a_browser(lambda told: (stack_viewer.read_report(told), stack_viewer.read_opened(told))), _JSON,
    ),
    "report of a lesson": Reader(
        _report(at="a/1", go="next", answer={"chosen": [1], "number": 2.5, "drawn": [1, 2.0]}, kept={"a/1": {}}),
        _of_a_browser(lesson_card.read_report), _JSON,
    ),
    "report of a curve": Reader(
        lambda: b"[1, 2.5, 3e2]", _of_a_browser(lambda told: curve_pad.read_report(told, 3)), _JSON
    ),
    "report of a box": Reader(_report(box=[10, 20, 90, 80.5]), _of_a_browser(crop_box.read_report), _JSON),
    "report of presenting": Reader(
        _report(present=True, wide=False, edited=False, open="maps"), _of_a_browser(presenting.read_report), _JSON
    ),
}  # fmt: skip


def is_read(name: str, content: bytes) -> bool:
    """Whether that reader took it; if not, it refused in one line. Raises: what is not documented."""
    reader = READERS[name]
    try:
        reader.read(content)
    except reader.refusals as error:
        if "\n" in str(error) or not str(error):
            raise AssertionError(f"a refusal that is no single line: {error!r}") from error
        return False
    return True
