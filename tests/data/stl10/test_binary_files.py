"""Photographs of STL-10 are read upright from the true format, and what is wrong with a file is one sentence."""

import re

import pytest
import torch

from core.data.stl10 import SPLITS, Stl10Damaged, Stl10Missing, binary_files, is_available, load_stl10
from tests.data.stl10.made import believe, labels, photographs, write_files

MEND = "delete it and fetch STL-10 again by python -m core.data.stl10.download"


@pytest.fixture
def folder(monkeypatch, tmp_path):
    folder = write_files(tmp_path / "stl10")
    believe(monkeypatch, folder)
    return folder


@pytest.mark.parametrize("split", ["train", "test"])
def test_what_was_written_is_read(folder, split):
    """Planes are transposed in the files: every pixel is compared with the picture as one looks at it."""
    found = load_stl10(split, folder)
    upright = torch.from_numpy(photographs(split)).permute(0, 3, 1, 2)
    assert torch.equal(found.images, upright)
    assert found.labels.tolist() == [label - 1 for label in labels(split)]
    assert (found.images.dtype, found.labels.dtype) == (torch.uint8, torch.int64)
    assert len(found) == len(upright)


def test_the_published_sizes_and_checksums():
    """As torchvision (0.2.0) has them: datasets/stl10.py."""
    expected = {
        "train_X.bin": (5_000 * 27_648, "918c2871b30a85fa023e0c44e0bee87f"),
        "train_y.bin": (5_000, "5a34089d4802c674881badbb80307741"),
        "test_X.bin": (8_000 * 27_648, "7f263ba9f9e0b06b93213547f721ac82"),
        "test_y.bin": (8_000, "36f9794fa4beb8a2c72628de14fa638e"),
    }
    assert {file.name: (file.num_bytes, file.md5) for pair in SPLITS.values() for file in pair} == expected


def test_the_given_folder_comes_before_the_variable_and_that_before_the_cache(folder, monkeypatch, tmp_path):
    assert not is_available()
    with pytest.raises(Stl10Missing, match=r"cache/stl10 has no train_X\.bin: let EQUISCOPE_STL10 name a folder"):
        load_stl10("train")
    monkeypatch.setenv("EQUISCOPE_STL10", str(tmp_path / "named"))
    with pytest.raises(Stl10Missing, match=r"^EQUISCOPE_STL10 names .*named, which has no test_X\.bin: "):
        load_stl10("test")
    assert is_available(folder)
    assert len(load_stl10("train", folder)) == 6
    write_files(tmp_path / "named" / "stl10_binary")
    assert is_available()
    assert len(load_stl10("test")) == 4


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("train_X.bin", lambda data: data[:-1], "expected 165,888 bytes, got 165,887"),
        ("train_X.bin", lambda data: data + b"\0", "expected 165,888 bytes, got more"),
        ("train_X.bin", lambda data: b"", "expected 165,888 bytes, got 0"),
        ("train_y.bin", lambda data: data + b"\1", "expected 6 bytes, got more"),
        ("train_y.bin", lambda data: b"\0" + data[1:], "labels are 1 to 10, got 0"),
        ("train_y.bin", lambda data: data[:-1] + b"\x0b", "labels are 1 to 10, got 11"),
    ],
)
def test_a_damaged_file_is_one_sentence(folder, name, change, sentence):
    path = folder / name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Stl10Damaged, match=f"^{re.escape(f'{path} is damaged: {sentence}; {MEND}')}$"):
        load_stl10("train", folder)


@pytest.mark.parametrize("name", ["train_X.bin", "train_y.bin"])
def test_files_of_the_right_size_with_other_content_are_not_believed(folder, name):
    path = folder / name
    path.write_bytes(bytes(reversed(path.read_bytes())))
    with pytest.raises(Stl10Damaged, match=r"expected content of MD5 [0-9a-f]{32}, got [0-9a-f]{32}; delete it"):
        load_stl10("train", folder)


def test_a_folder_in_the_place_of_a_file_and_unknown_splits_are_refused(folder):
    (folder / "test_y.bin").unlink()
    (folder / "test_y.bin").mkdir()
    with pytest.raises(Stl10Missing, match=r"has no test_y\.bin"):
        load_stl10("test", folder)
    with pytest.raises(ValueError, match=r"^unknown split 'unlabeled'; known are train, test$"):
        load_stl10("unlabeled", folder)


def test_what_was_loaded_may_be_changed(folder):
    first = load_stl10("test", folder)
    first.images.zero_()
    assert load_stl10("test", folder).images.any()
    assert binary_files.SIDE == 96
