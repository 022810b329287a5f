"""Measured sizes: every layout a visitor may have is read, everything else refused in one sentence."""

import copy
import io
import json
import time
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.data.sizes import (
    SizesRefused,
    documents,
    layout,
    measure_pictures,
    numerals,
    pictures,
    read_sizes,
    survey,
    text,
)

SIZES = [12.5, 30.0, 7.25, 110.0]


def table(text: str, encoding: str = "utf-8"):
    return read_sizes(text.encode(encoding), "boxes.csv").sizes()


def picture(width: int, height: int, canvas: int = 64, dark_on_light: bool = False, kind: str = "PNG") -> bytes:
    """A filled rectangle of `width`×`height` pixels, off the middle."""
    ink, paper = (0, 255) if dark_on_light else (255, 0)
    image = Image.new("L", (canvas, canvas), paper)
    left, top = canvas // 4, canvas // 8
    ImageDraw.Draw(image).rectangle((left, top, left + width - 1, top + height - 1), fill=ink)
    data = io.BytesIO()
    image.save(data, kind)
    return data.getvalue()


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("heading", ["", "size", "Größe", "# 4 boxes\n# sizes in px"])
def test_one_column_in_any_encoding(encoding, end, heading):
    lines = [heading] * bool(heading) + [str(size) for size in SIZES]
    assert table(end.join(lines) + end, encoding).values.tolist() == SIZES


@pytest.mark.parametrize("separator", [",", ";", "\t", " ", ", "])
@pytest.mark.parametrize(
    ("headings", "column"),
    [
        (["id", "size"], 1),
        (["id", "Size"], 1),
        (["index", "width_px"], 1),
        (["label", "diameter"], 1),
        (["scale", "count"], 0),
        (["first", "second"], 0),
        (["image_width", "width"], 1),  # the heading of that word alone
    ],
)
def test_the_column_is_found_by_its_heading(separator, headings, column):
    rows = [[str(1 + i), str(size)] if column else [str(size), str(1 + i)] for i, size in enumerate(SIZES)]
    measured = table("\n".join(separator.join(row) for row in [headings, *rows]))
    assert measured.values.tolist() == SIZES
    assert headings[column] in measured.note


@pytest.mark.parametrize("headings", ["file,width,height", "file,bbox_height,bbox_width", '"file","Width (px)",HEIGHT'])
def test_of_width_and_height_the_larger_counts(headings):
    measured = table(f"{headings}\na.png,10,20\nb.png,30,25\n")
    assert measured.values.tolist() == [20, 30]
    assert "the larger of" in measured.note


def test_without_a_heading_the_first_column_of_numbers_counts():
    assert table("a.png,12.5,1\nb.png,30,2\n").values.tolist() == [12.5, 30]
    assert table('"a, b.png";12.5\n"c";30\n').values.tolist() == [12.5, 30]


def test_empty_lines_and_equal_sizes_are_fine():
    assert table("size\n\n5\n   \n5\n5\n\n\n").values.tolist() == [5, 5, 5]
    assert table("n,size\n1,5\n \t \n1,5\n").values.tolist() == [5, 5]


def test_numbers_keep_their_precision_and_order():
    drawn = np.random.default_rng(0).lognormal(3, 1, 5000)
    assert np.array_equal(table("\n".join(map(repr, drawn.tolist()))).values, drawn)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size\n5\nsix\n7", r'Line 3 holds "six", where a number'),
        ("5\n6\n\n\n7 px\nabc", 'Line 6 holds "abc"'),
        ("a;b\n1,5;2,5\n2,5;3,5", r"may be column a: 2 values, 1.5 to 2.5 \(1.5, 2.5\); or column b: "),
        ("size;n\n1.5;1\n2,5;2", 'Line 2 holds "1.5" and line 3 "2,5": one is written with a decimal point'),
        ("5\n-6\n7", "Line 2 holds -6, where a positive number"),
        ("size\n5\n0\n7", "Line 3 holds 0, where a positive number"),
        ("5\nnan\n", "At least 2 sizes are needed, got 1: 1 size from boxes.csv; 1 row without a value left out"),
        ("width,height\n5,6\n7,inf", 'Line 3 holds "inf"'),
        ("width,height\n5,6\n7", "Line 3 has 1 column, where 2 are expected"),
        ("size\n5\n", "At least 2 sizes are needed, got 1"),
        ("size\n", "holds no numbers"),
        ("only\nwords\nhere", 'holds no numbers: line 2 is "words"'),
        ("\n \n", "holds no numbers"),
    ],
)
def test_what_is_no_size_is_refused_with_its_line(text, words):
    with pytest.raises(SizesRefused, match=words) as refused:
        table(text)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (picture(10, 10), "is no text"),
        (b"\x00\x01\x02\x03" * 50, "is no text"),
        (np.random.default_rng(0).bytes(4000), "is no text"),
        (b"size,n\n" + b"1" * 200_000 + b",1\n5,2", "cannot be taken apart at line 2"),
        (b"1" * 200_000, "Line 1 holds inf"),
    ],
)
def test_what_is_no_table_is_refused(content, words):
    with pytest.raises(SizesRefused, match=words):
        read_sizes(content, "boxes.csv")


def test_too_many_rows_are_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(layout, "MAX_ROWS", 2000)
    assert table("5\n" * 2000).values.size == 2000
    for rows in (2001, 4000):
        with pytest.raises(SizesRefused, match="too many rows: more than 2,000"):
            table("5\n" * rows)
    monkeypatch.setattr(layout, "split", lambda *_, **__: pytest.fail("read all the same"))
    with pytest.raises(SizesRefused, match="too many rows"):
        table("5\n" * 4000)


@pytest.mark.parametrize("mark", [".", ","])
def test_the_cells_of_a_good_table_are_never_read_one_by_one(mark, monkeypatch):
    read = []
    number = numerals.number
    monkeypatch.setattr(numerals, "number", lambda *cell: read.append(cell) or number(*cell))
    rows = f"a.png;10{mark}5;20\nb.png;30;2{mark}25\n"
    assert table("file;width;height\n" + 10_000 * rows).values.size == 20_000
    assert len(read) < 5000  # the first 200 rows, a few times


def test_a_text_beyond_the_bounds_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(text, "MAX_TEXT_BYTES", 100)
    assert table("5\n" * 50).values.size == 50
    with pytest.raises(SizesRefused, match="is too large: 0 MB, where at most 0 are read"):
        table("5\n" * 50 + "5")


@pytest.mark.slow
def test_a_line_that_never_ends_is_refused():
    with pytest.raises(SizesRefused, match="has a line of more than 1,000,000 characters"):
        table("5 " * 500_001)
    assert table("5 " * 500_000).values.size == 500_000


def test_more_cells_than_the_bound_are_not_looked_at_one_by_one(monkeypatch):
    monkeypatch.setattr(survey, "MAX_LOOKS", 5000)
    assert table("size\n" + "12.5 px\n" * 5000).values.size == 5000
    with pytest.raises(SizesRefused, match="more than 5,000 cells are no plain numbers"):
        table("size\n" + "12.5 px\n" * 5001)


def test_more_brackets_than_the_bound_are_refused_before_they_are_parsed(monkeypatch):
    monkeypatch.setattr(documents, "MAX_BRACKETS", 10)
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("parsed all the same"))
    with pytest.raises(SizesRefused, match="more than 10 lists and objects"):
        table(f"[{','.join(['[]'] * 10)}]")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WebP", "JPEG"])
@pytest.mark.parametrize("dark_on_light", [False, True])
def test_the_longer_side_of_the_object_is_its_size(kind, dark_on_light):
    pictures = [(f"{i}", picture(*sides, dark_on_light=dark_on_light, kind=kind)) for i, sides in enumerate(SIDES)]
    measured = measure_pictures(pictures)
    # A lossy file may blur an edge by one pixel at either end.
    np.testing.assert_allclose(measured.values, [max(sides) for sides in SIDES], atol=2 if kind in LOSSY else 0)
    assert measured.note == "3 pictures measured."


SIDES, LOSSY = [(10, 20), (30, 12), (5, 5)], ("JPEG", "WebP")


def test_a_large_picture_is_measured_in_its_own_pixels():
    measured = measure_pictures([("a", picture(700, 90, canvas=3000)), ("b", picture(60, 900, canvas=1500))])
    np.testing.assert_allclose(measured.values, [700, 900], atol=6)  # averaged down by 3 and by 2


def test_what_cannot_be_measured_is_skipped_and_said():
    blank = io.BytesIO()
    Image.new("L", (20, 20), 255).save(blank, "PNG")
    pictures = [("a", picture(9, 4)), ("blank.png", blank.getvalue()), ("b", picture(3, 8)), ("c.txt", b"hello")]
    measured = measure_pictures(pictures)
    assert measured.values.tolist() == [9, 8]
    assert measured.note.startswith("2 pictures measured, 2 skipped (first blank.png: The picture is one even tone")


def test_the_pictures_of_a_zip_file_are_measured_whatever_its_name():
    files = {"in/a.png": picture(9, 4), "in/b.png": picture(3, 8), "__MACOSX/in/._a.png": b"junk"}
    files |= {"in/.DS_Store": b"junk", "in/Thumbs.db": b"junk", "in/c": picture(17, 2)}
    measured = read_sizes(archive(files), "sizes.csv").sizes()
    assert measured.values.tolist() == [9, 8, 17]
    assert measured.note == "3 pictures measured."


def encrypted() -> bytes:
    content = bytearray(archive({"a.png": picture(5, 5)}))
    content[6] |= 1  # the flag, in the entry and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive({"readme.txt": b"hello", "more.txt": b"x"}), "holds no picture that can be read: readme.txt: "),
        (archive({"a.png": picture(5, 5)}), "At least 2 sizes are needed, got 1"),
        (archive({}), "is empty"),
        (archive({"__MACOSX/a": b"junk"}), "is empty"),
        (archive({"[Content_Types].xml": b"<xml/>", "xl/workbook.xml": b"<xml/>"}), "office document"),
        (encrypted(), "is encrypted"),
        (archive({"a.png": picture(5, 5)})[:-30], "is damaged"),
        (archive({"a.png": picture(5, 5)}, zipfile.ZIP_LZMA), "compressed in a way that cannot be read"),
        (archive({f"{i}.png": b"x" for i in range(2001)}), "too many files: 2,001, where at most 2,000"),
        (b"PK\x03\x04" + bytes(100), "is damaged"),
    ],
)
def test_a_zip_file_without_pictures_is_refused(content, words):
    with pytest.raises(SizesRefused, match=words) as refused:
        read_sizes(content, "pictures.zip")
    assert "\n" not in str(refused.value)


def twice(name: str = "b.png") -> bytes:
    """Two entries of the directory, one of them under `name`, that share the bytes of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("a.png", picture(5, 5))
        other = copy.copy(written.filelist[0])
        other.filename = name
        written.filelist.append(other)
    return file.getvalue()


@pytest.mark.parametrize(("name", "words"), [("b.png", "share their bytes"), ("a.png", "several files of one name")])
def test_entries_that_share_bytes_or_a_name_are_refused(name, words):
    with pytest.raises(SizesRefused, match=words):
        read_sizes(twice(name), "pictures.zip")


def test_an_upload_has_so_much_time_of_a_core(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(pictures.time, "thread_time", lambda: next(clock))
    monkeypatch.setattr(pictures, "MAX_SECONDS", 4)
    measured = measure_pictures((f"{i}.png", picture(5, 6 + i)) for i in range(9))
    assert measured.values.tolist() == [6, 7, 8, 9]
    assert "4 pictures measured, the rest left out, since an upload has 4 seconds" in measured.note


@pytest.mark.slow
def test_thousands_of_large_pictures_take_seconds():
    """Of 4,096² pixels each, in a few kilobytes: without the bound, three minutes."""
    image = Image.new("L", (4096, 4096), 255)
    image.paste(0, (1000, 1000, 3000, 3000))
    file = io.BytesIO()
    image.save(file, "PNG")
    started = time.thread_time()
    measured = read_sizes(archive({f"{i}.png": file.getvalue() for i in range(2000)}, zipfile.ZIP_STORED), "a.zip")
    assert time.thread_time() - started < 2 * pictures.MAX_SECONDS + 1
    assert "the rest left out" in measured.sizes().note
    assert set(measured.sizes().values) == {2000.0}


def test_a_damaged_entry_is_refused_not_raised():
    content = archive({"a.png": picture(5, 5), "b.png": picture(6, 6)}, zipfile.ZIP_STORED)
    at = content.index(b"\x89PNG") + 60
    with pytest.raises(SizesRefused, match="is damaged"):
        read_sizes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :], "pictures.zip")


@pytest.mark.slow
def test_a_zip_bomb_is_refused_before_anything_is_inflated(monkeypatch):
    bomb = archive({f"{i}.bmp": bytes(19_000_000) for i in range(17)})
    assert len(bomb) < 400_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("inflated"))
    with pytest.raises(SizesRefused, match="323 MB of pictures, where at most 300 are read"):
        read_sizes(bomb, "bomb.zip")


def test_a_single_huge_entry_is_skipped_and_inflated_no_further_than_a_picture_may_be(monkeypatch):
    read = []
    original = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda file, n=-1: read.append(n) or original(file, n))
    files = {"huge.bmp": bytes(60_000_000), "a.png": picture(5, 9), "b.png": picture(6, 6)}
    measured = read_sizes(archive(files), "pictures.zip").sizes()
    assert measured.values.tolist() == [9, 6]
    assert "1 skipped (first huge.bmp: The file is too large" in measured.note
    assert read
    assert all(0 < n <= 20_000_001 for n in read)


def test_a_zip_file_that_lies_about_a_size_is_refused():
    content = bytearray(archive({"a.png": picture(5, 5), "huge.bmp": bytes(30_000_000)}))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")  # its size in the directory
    with pytest.raises(SizesRefused, match="is damaged"):
        read_sizes(bytes(content), "pictures.zip")


def test_no_more_pictures_are_taken_than_the_bound(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PICTURES", 3)
    taken = []

    def endless():
        for i in range(1000):
            taken.append(i)
            yield f"{i}.png", picture(5, 6)

    with pytest.raises(SizesRefused, match="too many pictures: at most 3"):
        measure_pictures(endless())
    assert len(taken) == 4


@pytest.mark.parametrize("pictures", [[], [(".DS_Store", b"x")]])
def test_no_picture_at_all_is_refused(pictures):
    with pytest.raises(SizesRefused, match="There is no picture"):
        measure_pictures(pictures)
