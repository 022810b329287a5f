"""Whatever bytes a visitor uploads, they are read or refused in one sentence (networks: tests/foreign)."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from benchmarks.readers import READERS, changed, is_read
from core.data.images import ImageRefused, decode_image
from core.data.sizes import SizesRefused, read_sizes
from tests.mutants import TIMES, mutants

# Pillow warns of damage that it reads over.
pytestmark = [pytest.mark.fuzz, pytest.mark.filterwarnings("ignore::UserWarning:PIL")]
TABLE = b"id,size,unit\n1,38.65,px\n2,12.5,px\n3,20,px\n"
JSON = (
    b'{"annotations": [{"image_id": 1, "bbox": [473.07, 395.93, 38.65, 28.67]}, {"image_id": 1, "bbox": [1, 2, 9, 5]}]}'
)


def picture(kind: str) -> bytes:
    """A dark bar on light paper."""
    pixels = np.full((40, 30), 230, np.uint8)
    pixels[8:32, 12:17] = 20
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def zip_of_pictures() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("a.png", "b.png"):
            archive.writestr(name, picture("PNG"))
    return content.getvalue()


def check(read, refusal: type[ValueError], good: bytes, count: int) -> None:
    """That every mutant is read or refused, in one line, and that both happen."""
    read(good)
    said, tried = [], 0
    for content in mutants(good, count):
        tried += 1
        try:
            read(content)
        except refusal as error:
            said.append(str(error))
    assert 0 < len(said) < tried
    assert all(sentence and "\n" not in sentence for sentence in said)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_is_read_or_refused(kind):
    check(decode_image, ImageRefused, picture(kind), 40)


@pytest.mark.parametrize(
    ("good", "name", "count"),
    [(TABLE, "t.csv", 100), (JSON, "t.json", 100), (zip_of_pictures(), "t.zip", 60)], ids=["table", "JSON", "ZIP"],
)  # fmt: skip
def test_a_file_of_sizes_is_read_or_refused(good, name, count):
    check(lambda content: read_sizes(content, name), SizesRefused, good, count)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_or_refuses_what_it_is_given(name):
    """Values of JSON, pieces, numbers of headers: `python -m benchmarks.hostile --readers` tries thousands."""
    assert is_read(name, READERS[name].good())
    ends = [is_read(name, content) for _, content in changed(READERS[name].good(), 140 * TIMES)]
    assert not all(ends)
