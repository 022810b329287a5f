"""Writing: whole or not at all, several as one step, one process at a time, and nothing is left lying about."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest

from core import files
from core.files import InUse, append, find_assets, holder, lock, read_together, stand_together, write, write_together
from tests.conftest import ROOT

HOLD = """
import sys
from pathlib import Path
from core.files import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def holding(tmp_path):
    """Another process that holds the lock of tmp_path / "thing"."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "thing")]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def ended_process():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_assets_are_those_of_the_checkout_of_the_package_or_the_named_ones(tmp_path):
    assert files.ASSETS == ROOT / "assets"
    assert files.ROOT == ROOT
    assert find_assets(tmp_path) == tmp_path / "assets"  # there are none: errors name where they should be
    installed, checkout = tmp_path / "equiscope" / "assets", tmp_path / "assets"
    (installed / "checkpoints").mkdir(parents=True)
    checkout.mkdir()  # of something else that is installed beside
    assert find_assets(tmp_path) == installed
    (checkout / "checkpoints").mkdir()
    assert find_assets(tmp_path) == checkout
    assert find_assets(tmp_path, str(tmp_path / "mine")) == tmp_path / "mine"


@pytest.mark.slow
def test_the_environment_names_the_assets(tmp_path):
    program = "from core.files import ASSETS; from core.checkpoints import FOLDER; print(ASSETS, FOLDER)"
    environment = os.environ | {"EQUISCOPE_ASSETS": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert found.stdout.split() == [str(tmp_path), str(tmp_path / "checkpoints")]


@pytest.mark.parametrize(("data", "expected"), [(b"\x00\r\n", b"\x00\r\n"), ("σ\n\r\n", "σ\n\r\n".encode()), ("", b"")])
def test_what_is_written_is_there_and_nothing_else(data, expected, tmp_path):
    path = tmp_path / "new" / "deep" / "file"
    for _ in range(2):
        write(path, data)
        assert path.read_bytes() == expected
        assert names(path.parent) == ["file"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask()  # as any other file


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupted(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [full, interrupted])
def test_a_full_disk_or_an_interruption_keeps_what_was_there(call, failure, tmp_path, monkeypatch):
    write(tmp_path / "file", "old")
    write_together({tmp_path / "a": "old", tmp_path / "b": "old"})
    with monkeypatch.context() as patch:
        patch.setattr(files.os, call, failure)
        with pytest.raises((OSError, KeyboardInterrupt)) as first:
            write(tmp_path / "file", "new")
        with pytest.raises((OSError, KeyboardInterrupt)):
            write_together({tmp_path / "a": "new", tmp_path / "b": "new"})
    if failure is full:
        assert (first.value.errno, first.value.filename) == (errno.ENOSPC, str(tmp_path / "file"))
        assert str(first.value) == f"[Errno {errno.ENOSPC}] No space left on device: {str(tmp_path / 'file')!r}"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old", "b": "old", "file": "old"}


def test_a_limit_of_the_system_in_the_middle_of_a_write_keeps_what_was_there(tmp_path):
    """A real one: a process that may write files of 100 kB at most."""
    write(tmp_path / "file", "old")
    write_together({tmp_path / "a": "old", tmp_path / "b": "old"})
    program = """
import sys
from pathlib import Path
from core.files import write, write_together
folder = Path(sys.argv[1])
for attempt in (
    lambda: write(folder / "file", 10**6 * "n"),
    lambda: write_together({folder / "a": "new", folder / "b": 10**6 * "n"}),
):
    try:
        attempt()
    except OSError as error:
        print(Path(error.filename).name)
"""
    limited = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )  # fmt: skip
    assert limited.stdout.split() == ["file", "b"], limited.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old", "b": "old", "file": "old"}


def part(folder, process, host=files._HOST, age_s=0):
    path = folder / f".file.{host}.{process}.0123abcd.part"
    path.write_text("half")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_parts_of_processes_that_are_gone_are_cleared_away_and_no_others(tmp_path):
    gone = [part(tmp_path, ended_process()), part(tmp_path, 10**9), part(tmp_path, 5, "elsewhere", age_s=90_000)]
    kept = [part(tmp_path, os.getpid()), part(tmp_path, 6, "elsewhere", age_s=3_600), tmp_path / "other.part"]
    kept[-1].write_text("of another program")
    write(tmp_path / "another", "text")
    assert [path.exists() for path in gone] == [False] * 3
    assert [path.exists() for path in kept] == [True] * 3


def test_files_that_are_written_together_lie_in_one_folder(tmp_path):
    with pytest.raises(ValueError, match="lie in one folder"):
        write_together({tmp_path / "a": "", tmp_path / "deep" / "b": ""})
    assert names(tmp_path) == []


def test_a_step_that_was_killed_after_its_journal_is_read_and_ended(tmp_path, monkeypatch):
    """Wherever it stopped: the new files are read at once, and take their places when somebody writes."""
    first, second = paths = [tmp_path / "a", tmp_path / "b"]
    for stop in range(3):
        write_together({first: "old", second: "older"})
        replaced = []

        def replace(source, target, stop=stop, replaced=replaced, call=os.replace):
            if not str(target).endswith(".commit"):
                replaced.append(target)
                if len(replaced) > stop:
                    raise KeyboardInterrupt
            call(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(files.os, "replace", replace)
            if stop < 2:
                with pytest.raises(KeyboardInterrupt):
                    write_together({first: "new", second: "newer"})
            else:
                write_together({first: "new", second: "newer"})
        assert read_together(paths) == [b"new", b"newer"]
        assert read_together([first]) == [b"new"]
        assert (".a.commit" in names(tmp_path)) == (stop < 2)
        with lock(first):
            files._put_in_place(first)
        assert (first.read_text(), second.read_text()) == ("new", "newer")
        assert names(tmp_path) == ["a", "b"]


def test_an_interruption_just_after_the_journal_leaves_the_new_files(tmp_path, monkeypatch):
    paths = [tmp_path / "a", tmp_path / "b"]
    write_together(dict.fromkeys(paths, "old"))
    with monkeypatch.context() as patch:
        patch.setattr(files, "_sync_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_together(dict.fromkeys(paths, "new"))
    assert read_together(paths) == [b"new", b"new"]


@pytest.mark.parametrize("before_the_journal_goes", [True, False])
def test_who_reads_while_another_writes_gets_files_of_one_step(before_the_journal_goes, tmp_path, monkeypatch):
    paths, reads = [tmp_path / "a", tmp_path / "b"], []
    write_together(dict.fromkeys(paths, "old"))
    read = files._read

    def read_and_be_overtaken(path, staged):
        content = read(path, staged)
        reads.append(path)
        if len(reads) == 1:
            with monkeypatch.context() as patch:
                if before_the_journal_goes:
                    patch.setattr(files, "_put_in_place", lambda first: None)
                write_together(dict.fromkeys(paths, "new"))
        return content

    monkeypatch.setattr(files, "_read", read_and_be_overtaken)
    assert read_together(paths) == [b"new", b"new"]


def test_what_was_never_there_together_is_missing(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    assert not stand_together(paths)
    write_together({paths[0]: "only"})
    assert read_together(paths[:1]) == [b"only"]
    assert (stand_together(paths[:1]), stand_together(paths)) == (True, False)
    with pytest.raises(FileNotFoundError):
        read_together(paths)


def test_staged_files_without_a_journal_are_cleared_away(tmp_path):
    (tmp_path / ".a.01234567.new").write_text("half")
    (tmp_path / ".other.01234567.new").write_text("of another step")
    write_together({tmp_path / "a": "text"})
    assert names(tmp_path) == [".other.01234567.new", "a"]


def test_a_lock_keeps_others_out_and_says_who_is_in(tmp_path, holding):
    pattern = rf"thing is in use by process {holding.pid} on \S+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d$"
    with pytest.raises(InUse, match=pattern), lock(tmp_path / "thing"):
        pytest.fail("two are in")
    with lock(tmp_path / "other"):
        pass
    holding.stdin.close()
    with lock(tmp_path / "thing", wait_s=300):  # it ends, and the lock with it
        pass
    assert names(tmp_path) == []


def test_the_lock_of_a_process_that_was_killed_blocks_nobody(tmp_path, holding):
    holding.send_signal(signal.SIGKILL)
    holding.wait()
    assert names(tmp_path) == [".thing.lock"]
    with lock(tmp_path / "thing"):
        assert holder(tmp_path / "thing").startswith(f"process {os.getpid()} on ")
    assert names(tmp_path) == []


def test_a_lock_leaves_no_folder_that_was_not_used(tmp_path):
    with lock(tmp_path / "new" / "deep" / "thing"):
        assert (tmp_path / "new" / "deep").is_dir()
    assert names(tmp_path) == []
    with lock(tmp_path / "new" / "deep" / "thing"):
        write(tmp_path / "new" / "deep" / "file", "text")
    assert names(tmp_path / "new" / "deep") == ["file"]


def test_only_one_of_many_is_in(tmp_path):
    """Threads, as each call opens the lock for itself; the file of the lock comes and goes all the while."""
    inside, most = [], []

    def work():
        for _ in range(30):
            with lock(tmp_path / "thing", wait_s=300):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (120, 1)
    assert names(tmp_path) == []


def test_the_lock_of_a_file_that_its_last_holder_removed_is_none(tmp_path, monkeypatch):
    take, places = files._take, []

    def take_late(handle):
        places.append(tmp_path / ".thing.lock")
        if len(places) == 1:
            places[0].unlink()  # between our opening it and our locking it
        return take(handle)

    monkeypatch.setattr(files, "_take", take_late)
    with lock(tmp_path / "thing"):
        assert len(places) == 2
        assert names(tmp_path) == [".thing.lock"]  # else the next one would make another
        with pytest.raises(InUse), lock(tmp_path / "thing"):
            pytest.fail("two are in")


def test_who_waits_for_another_writer_is_told_who_it_is_in_the_end(tmp_path, holding, monkeypatch):
    monkeypatch.setattr(files, "_PATIENCE_S", 0.1)
    with pytest.raises(InUse, match=rf"thing is in use by process {holding.pid} on "):
        write_together({tmp_path / "thing": "text"})
    assert names(tmp_path) == [".thing.lock"]


def test_lines_of_a_log_are_whole(tmp_path):
    path = tmp_path / "log.txt"
    threads = [threading.Thread(target=append, args=(path, 3000 * letter)) for letter in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().splitlines()) == [3000 * letter for letter in "abcdefgh"]
