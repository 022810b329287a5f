"""MNIST is found, verified and fetched, and what is wrong with it is said in one sentence."""

import gzip
import hashlib
import socket
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from core.data import mnist

CACHE_FOLDER = mnist.cache_folder  # the real one; the tests stand in their own

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def values(name: str) -> torch.Tensor:
    """A small stand-in for one file: 6 digits for training, 4 for the test, pixels of every value but 1."""
    n = 6 if name.startswith("train") else 4
    if "labels" in name:
        return torch.arange(n, dtype=torch.uint8)  # has a label 1, which must survive
    pixels = (torch.arange(n * 28 * 28) * 37 % 256).to(torch.uint8).reshape(n, 28, 28)
    return torch.where(pixels == 1, 0, pixels)


def idx(tensor: torch.Tensor) -> bytes:
    magic = 0x0801 if tensor.ndim == 1 else 0x0803
    return struct.pack(f">I{tensor.ndim}I", magic, *tensor.shape) + tensor.numpy().tobytes()


def write_files(folder: Path, packed: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        content = idx(values(name))
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
        else:
            (folder / name).write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def small_mnist(monkeypatch, tmp_path):
    """The module believes in the small files, and in no folder of this machine."""

    def expected(name):
        tensor = values(name)
        digest = hashlib.sha256(tensor.numpy().tobytes()).hexdigest()
        return mnist.IdxFile(name, tuple(tensor.shape), digest, len(gzip.compress(idx(tensor), mtime=0)))

    files = {"train": tuple(map(expected, NAMES[:2])), "test": tuple(map(expected, NAMES[2:]))}
    monkeypatch.setattr(mnist, "FILES", files)
    monkeypatch.delenv("EQUISCOPE_MNIST", raising=False)
    monkeypatch.setattr(mnist, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def serve():
    """Starts web servers on this machine, each for one folder, and gives their addresses."""
    servers = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    def start(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def address_without_a_server() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


@pytest.mark.parametrize("packed", [True, False])
def test_what_was_written_is_read(tmp_path, packed):
    folder = write_files(tmp_path / "data", packed)
    for split, n in (("train", 6), ("test", 4)):
        digits = mnist.load_mnist(split, folder)
        assert digits.images.shape == (n, 1, 28, 28)
        assert digits.images.dtype == torch.uint8
        assert digits.labels.tolist() == list(range(n))
        assert len(digits) == n
    assert torch.equal(mnist.load_mnist("test", folder).images[:, 0], values(NAMES[2]))


def test_a_copy_with_pixels_of_value_1_gives_the_same_data(tmp_path):
    without = mnist.load_mnist("train", write_files(tmp_path / "without")).images
    pixels = values(NAMES[0])
    pixels[pixels == 0] = 1
    folder = write_files(tmp_path / "with")
    (folder / f"{NAMES[0]}.gz").write_bytes(gzip.compress(idx(pixels)))
    assert torch.equal(mnist.load_mnist("train", folder).images, without)


def test_changing_what_was_loaded_does_not_change_the_next_load(tmp_path):
    folder = write_files(tmp_path / "data")
    first = mnist.load_mnist("train", folder)
    first.images.zero_()
    first.labels.zero_()
    second = mnist.load_mnist("train", folder)
    assert second.images.any()
    assert second.labels.any()


def test_the_given_folder_comes_before_the_variable_and_that_before_the_cache(tmp_path, monkeypatch):
    assert not mnist.is_available()
    write_files(mnist.cache_folder())
    assert mnist.is_available()
    monkeypatch.setenv("EQUISCOPE_MNIST", str(tmp_path / "named"))
    assert not mnist.is_available()  # the variable is believed: no silent fall back to the cache
    with pytest.raises(mnist.MnistMissing, match=r"EQUISCOPE_MNIST names .*named"):
        mnist.load_mnist("train")
    write_files(tmp_path / "given")
    assert mnist.is_available(tmp_path / "given")
    assert len(mnist.load_mnist("train", tmp_path / "given")) == 6
    write_files(tmp_path / "named")
    assert len(mnist.load_mnist("test")) == 4


@pytest.mark.parametrize(
    ("platform", "variable", "below_home"),
    [
        ("linux", "XDG_CACHE_HOME", ".cache"),
        ("darwin", None, "Library/Caches"),
        ("win32", "LOCALAPPDATA", "AppData/Local"),
    ],
)
def test_the_cache_folder_is_the_one_of_the_system(monkeypatch, tmp_path, platform, variable, below_home):
    monkeypatch.setattr(mnist.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert CACHE_FOLDER() == tmp_path / below_home / "equiscope" / "mnist"
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
        assert CACHE_FOLDER() == tmp_path / "elsewhere" / "equiscope" / "mnist"


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    folder = write_files(tmp_path / "data")
    (folder / f"{NAMES[3]}.gz").unlink()
    assert not mnist.is_available(folder)
    with pytest.raises(mnist.MnistMissing, match=r"data has no t10k-labels-idx1-ubyte.gz: download MNIST"):
        mnist.load_mnist("test", folder)
    with pytest.raises(FileNotFoundError):  # those who do not know our class still catch it
        mnist.load_mnist("train", tmp_path / "nowhere")


def dotted(name: str) -> str:
    return name.replace("-idx", ".idx")


@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
@pytest.mark.parametrize("called", [str, dotted])
@pytest.mark.parametrize("packed", [True, False])
def test_the_layouts_in_which_mnist_goes_about_are_found(tmp_path, below, called, packed):
    """In a folder, or below it as torchvision keeps it; packed or not; with `-idx3` or `.idx3` in the names."""
    held = write_files(tmp_path / below, packed)
    for file in held.iterdir():
        if file.is_file():
            file.rename(file.with_name(called(file.name)))
    assert mnist.is_available(tmp_path)
    assert mnist.load_mnist("train", tmp_path).labels.tolist() == list(range(6))
    assert len(mnist.load_mnist("test", tmp_path)) == 4


@pytest.mark.parametrize("packed", [True, False])
def test_the_variable_may_name_one_of_the_files(tmp_path, monkeypatch, packed):
    folder = write_files(tmp_path / "data", packed)
    monkeypatch.setenv("EQUISCOPE_MNIST", str(folder / NAMES[2]) + ".gz" * packed)
    assert len(mnist.load_mnist("train")) == 6


def test_a_file_that_is_none_of_them_is_refused_in_one_sentence(tmp_path, monkeypatch):
    archive = tmp_path / "mnist.zip"
    archive.write_bytes(b"PK")
    said = rf"EQUISCOPE_MNIST names {archive}, which is no folder and none of the four files of MNIST: name the folder"
    monkeypatch.setenv("EQUISCOPE_MNIST", str(archive))
    assert not mnist.is_available()
    for attempt in (lambda: mnist.load_mnist("train"), lambda: mnist.download_mnist(mirrors=[])):
        with pytest.raises(mnist.MnistMissing, match=said) as caught:
            attempt()
        assert "\n" not in str(caught.value)
    monkeypatch.delenv("EQUISCOPE_MNIST")
    with pytest.raises(mnist.MnistMissing, match=rf"^{archive} is no folder"):
        mnist.load_mnist("train", archive)
    assert archive.read_bytes() == b"PK"


def test_who_cares_only_whether_mnist_is_there_catches_a_damaged_file_too(tmp_path):
    folder = write_files(tmp_path / "data")
    path = folder / f"{NAMES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(mnist.MnistMissing, match=rf"{path} is damaged: expected a complete gzip file"):
        mnist.load_mnist("train", folder)


def test_a_file_that_cannot_be_read_says_so(tmp_path, monkeypatch):
    folder = write_files(tmp_path / "data", packed=False)

    def refuse(path, *args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(mnist.MnistMissing, match=rf"{folder / NAMES[0]} cannot be read: Permission denied$"):
        mnist.load_mnist("train", folder)


def test_an_unknown_split_names_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match="unknown split 'valid'; known are train, test"):
        mnist.load_mnist("valid", tmp_path)


def _flip_one_pixel(content: bytes) -> bytes:
    changed = bytearray(gzip.decompress(content))
    changed[-1] ^= 0x80
    return gzip.compress(bytes(changed))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda c: c[: len(c) // 2], "complete gzip file"),
        (lambda c: b"<html>not found</html>", "complete gzip file"),
        (lambda c: b"", "IDX header"),
        (lambda c: c[:10] + b"\xff" * 40 + c[50:], "complete gzip file"),
        (lambda c: gzip.compress(idx(values(NAMES[2]))), "IDX header"),
        (lambda c: gzip.compress(gzip.decompress(c)[:-1]), "expected 4,704 values .* got 4,703"),
        (lambda c: gzip.compress(gzip.decompress(c) + b"0"), "expected 4,704 values .* got more"),
        (_flip_one_pixel, "SHA-256"),
    ],
)
def test_a_damaged_file_is_named_with_expected_and_got(tmp_path, damage, said):
    folder = write_files(tmp_path / "data")
    path = folder / f"{NAMES[0]}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"train-images\S+ is damaged: .*{said}") as caught:
        mnist.load_mnist("train", folder)
    assert str(path) in str(caught.value)
    assert "got" in str(caught.value)
    assert str(caught.value).endswith("; delete it and download MNIST again")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_mended_is_read_again(tmp_path):
    folder = write_files(tmp_path / "data")
    path = folder / f"{NAMES[0]}.gz"
    sound = path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="damaged"):
        mnist.load_mnist("train", folder)
    path.write_bytes(sound)
    assert len(mnist.load_mnist("train", folder)) == 6


def test_download_gives_the_files_and_a_progress_that_never_falls(tmp_path, serve):
    seen = []
    mirror = serve(write_files(tmp_path / "mirror"))
    folder = mnist.download_mnist(lambda fraction, text: seen.append((fraction, text)), mirrors=[mirror])
    assert folder == mnist.cache_folder()
    assert mnist.load_mnist("train").labels.tolist() == list(range(6))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] == 1
    assert max(fractions[:-1]) < 1  # 1 means ready, and is said once
    assert all(text for _, text in seen)


def test_download_goes_to_the_next_mirror(tmp_path, serve):
    broken = write_files(tmp_path / "broken")
    (broken / f"{NAMES[2]}.gz").write_bytes(b"something else")
    (broken / f"{NAMES[3]}.gz").unlink()
    mirrors = [address_without_a_server(), serve(broken), serve(write_files(tmp_path / "mirror"))]
    fractions = []
    folder = mnist.download_mnist(lambda fraction, text: fractions.append(fraction), mirrors, tmp_path / "here")
    assert mnist.is_available(tmp_path / "here")
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert len(list(folder.iterdir())) == 4  # nothing half-made is left


def test_download_refuses_wrong_content_and_says_why(tmp_path, serve):
    wrong = write_files(tmp_path / "wrong")
    path = wrong / f"{NAMES[1]}.gz"
    path.write_bytes(_flip_one_pixel(path.read_bytes()))
    mirrors = [address_without_a_server(), serve(wrong)]
    with pytest.raises(ConnectionError, match=r"could not be downloaded: .*did not answer.*; .*SHA-256") as caught:
        mnist.download_mnist(mirrors=mirrors, folder=tmp_path / "here")
    assert all(mirror in str(caught.value) for mirror in mirrors)
    assert "\n" not in str(caught.value)
    assert {p.name for p in (tmp_path / "here").iterdir()} == {f"{NAMES[0]}.gz"}  # the sound one is kept


def test_download_mends_a_damaged_file_and_leaves_the_sound_ones(tmp_path, serve):
    folder = write_files(tmp_path / "here")
    (folder / f"{NAMES[0]}.gz").write_bytes(b"damaged")
    mirror = tmp_path / "mirror"
    write_files(mirror)
    for name in NAMES[1:]:
        (mirror / f"{name}.gz").unlink()
    mnist.download_mnist(mirrors=[serve(mirror)], folder=folder)
    assert len(mnist.load_mnist("train", folder)) == 6


def test_a_download_that_is_stopped_leaves_nothing_half_made(tmp_path, serve):
    """By an exception of whoever shows the progress: a visitor who left."""

    class Left(BaseException):
        pass

    def stop(fraction: float, text: str) -> None:
        if text.startswith("Downloading"):
            raise Left

    with pytest.raises(Left):
        mnist.download_mnist(stop, [serve(write_files(tmp_path / "mirror"))], tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []


def test_download_asks_no_mirror_for_what_is_there(tmp_path):
    fractions = []
    mnist.download_mnist(
        lambda fraction, text: fractions.append(fraction),
        mirrors=["not an address"],
        folder=write_files(tmp_path),
    )
    assert fractions[-1] == 1


@pytest.mark.parametrize("mirrors", [[], ["not an address"], ["http://"]])
def test_download_without_a_usable_mirror_says_so(tmp_path, mirrors):
    with pytest.raises(ConnectionError, match="MNIST could not be downloaded: "):
        mnist.download_mnist(mirrors=mirrors, folder=tmp_path)
