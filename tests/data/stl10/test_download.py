"""STL-10 is fetched from one archive, verified as it comes, and nothing that is wrong is kept."""

import io
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.data.stl10 import binary_files, download, is_available
from tests.data.stl10.made import believe, write_files

NAMES = ("test_X.bin", "test_y.bin", "train_X.bin", "train_y.bin")


@pytest.fixture
def source(monkeypatch, tmp_path):
    folder = write_files(tmp_path / "source")
    believe(monkeypatch, folder)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture
def serve(tmp_path):
    """A web server on this machine for one folder; gives the address of an archive in it."""
    (tmp_path / "web").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def archive(members: dict[str, bytes]) -> str:
        with tarfile.open(tmp_path / "web" / "stl10.tar.gz", "w:gz") as tar:
            for name, data in members.items():
                info = tarfile.TarInfo(f"stl10_binary/{name}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return f"http://127.0.0.1:{server.server_address[1]}/stl10.tar.gz"

    yield archive
    server.shutdown()
    server.server_close()


def members(folder, **changed):
    return {name: changed.get(name[:-4], (folder / name).read_bytes()) for name in NAMES}


def test_the_four_files_are_kept_and_their_checksums_told(source, serve, tmp_path):
    told = []
    address = serve(members(source) | {"class_names.txt": b"airplane\n"})
    place = download.download_stl10(told.append, address, tmp_path / "new")
    assert sorted(path.name for path in place.iterdir()) == sorted(NAMES)
    assert all((place / name).read_bytes() == (source / name).read_bytes() for name in NAMES)
    assert address in told[0]
    assert "2.6 GB" in told[0]
    for file in binary_files.all_files():
        assert f"{file.name}: {file.num_bytes:,} bytes, MD5 {file.md5} as published" in told
    assert download.download_stl10(told.append, "http://127.0.0.1:1/nothing", place) == place
    assert told[-1] == f"{place} has all four files already, verified"


def test_only_what_is_missing_or_damaged_is_written(source, serve, tmp_path):
    place = write_files(tmp_path / "part")
    (place / "train_y.bin").write_bytes(b"\1")
    before = (place / "train_X.bin").stat().st_mtime_ns
    told = []
    download.download_stl10(told.append, serve(members(source)), place)
    assert is_available(place)
    assert told[1].startswith("train_y.bin: ")
    assert len(told) == 2
    assert (place / "train_X.bin").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"test_y": b"\1\1\1"}, r"^test_y\.bin of the archive should have 4 bytes, got 3$"),
        ({"test_y": b"\1" * 9}, r"^test_y\.bin of the archive should have 4 bytes, got more$"),
        ({"test_y": b"\1\1\1\1"}, r"^test_y\.bin of the archive should have MD5 [0-9a-f]{32}, got [0-9a-f]{32}$"),
    ],
)
def test_what_does_not_verify_is_not_kept(source, serve, tmp_path, changed, sentence):
    place = tmp_path / "new"
    with pytest.raises(ValueError, match=sentence):
        download.download_stl10(lambda line: None, serve(members(source, **changed)), place)
    assert [path.name for path in place.iterdir()] == ["test_X.bin"]  # came before, and verified


def test_an_archive_without_them_or_none_at_all_is_a_sentence(source, serve, tmp_path, monkeypatch, capsys):
    found = members(source)
    del found["train_y.bin"]
    with pytest.raises(ConnectionError, match=r"stl10\.tar\.gz has no train_y\.bin$"):
        download.download_stl10(lambda line: None, serve(found), tmp_path / "new")
    address = serve(members(source))
    archive = tmp_path / "web" / "stl10.tar.gz"
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(ConnectionError, match=r"stl10\.tar\.gz did not answer as expected"):
        download.download_stl10(lambda line: None, address, tmp_path / "cut")
    assert list((tmp_path / "cut").iterdir()) == []
    monkeypatch.setattr(download, "ADDRESS", address.replace("stl10.tar", "other.tar"))
    assert download.main(["--folder", str(tmp_path / "none")]) == 2
    assert "did not answer as expected (HTTP Error 404" in capsys.readouterr().err
