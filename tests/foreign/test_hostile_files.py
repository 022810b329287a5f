"""Files that somebody changed to do harm, the same each time: read or refused in one sentence, and nothing is opened.

`python -m benchmarks.hostile` takes thousands of them the whole way, within the limits of the child.
"""

import sys
from collections import Counter
from contextlib import suppress

import pytest
import torch

from benchmarks import hostile
from core.foreign import network, read_onnx

FILES = {"onnx": 2000, "safetensors": 200}
_TYPE_CHECKERS = ("equinox", "beartype", "jaxtyping")  # that a complaint about types imports, in tests only
_opened: list[str] | None = None  # an audit hook stays with its process; it notes nothing while this is None


def _watch(event: str, given: tuple) -> None:
    of_types = event == "import" and str(given[0]).startswith(_TYPE_CHECKERS)
    if _opened is not None and hostile.is_watched(event) and not of_types:
        _opened.append(f"{event} {given[:1]}")


@pytest.fixture(scope="module", autouse=True)
def hook():
    sys.addaudithook(_watch)


@pytest.fixture
def opened():
    """What is opened, started or imported from here on; all that is loaded at first use is loaded before."""
    global _opened
    for kind in hostile.KINDS:
        for _, content in hostile.mutants(kind, 20, seed=9):
            end_of(kind, content)
    with suppress(TypeError):
        read_onnx("no bytes")  # what asks for types here imports more when it has a complaint
    _opened = found = []
    yield found
    _opened = None


def end_of(kind: str, content: bytes) -> str:
    """Of a file that is read and computed once, not measured. Raises: what is not documented."""
    if kind == "safetensors":
        return hostile.judged(kind, content)
    try:
        found = read_onnx(content)
        with torch.no_grad():
            found(torch.zeros(1, 1, 12, 12))
    except ValueError as error:
        return "several lines" if "\n" in str(error) else "refused"
    return "measured"


@pytest.mark.slow
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_hostile_files_are_networks_or_sentences(monkeypatch, opened, kind):
    monkeypatch.setattr(network, "MOST_VALUES", 2**20)  # whoever asks for more is refused sooner than by memory
    ends: dict[str, Counter[str]] = {}
    made, count = list(hostile.mutants(kind, FILES[kind])), FILES[kind]
    opened.clear()  # the file that is changed was opened
    for change, content in made:
        ends.setdefault(change, Counter())[end_of(kind, content)] += 1
    assert opened == []
    assert len(ends) >= 13
    refused = sum(each["refused"] for each in ends.values())
    assert count / 4 < refused < count
    assert sum(each["measured"] for each in ends.values()) == count - refused


def test_the_watch_sees_what_is_opened(opened):
    with open(__file__, encoding="utf-8"):
        pass
    assert any(each.startswith("open") and __file__ in each for each in opened)


@pytest.mark.slow
def test_the_command_reports_a_few_files_of_each_kind(capsys):
    assert hostile.main(["--files", "3", "--children", "0"]) == 0
    told = capsys.readouterr().out
    assert told.count("3 files: ") == len(hostile.KINDS)
    assert told.count("not documented: 0; opened or started: 0") == len(hostile.KINDS)
