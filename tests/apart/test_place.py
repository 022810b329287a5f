"""What another process measures is what this one would, and whatever happens to it is one sentence."""

import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
import torch

from core.apart import Asked, Place, measured
from core.apart import place as module
from core.apart.frames import CANCEL
from core.apart.packing import digits_of, pack, parts_of, parts_of_digits, rebuilt, unpack
from core.apart.worker import Questions, answer
from core.checkpoints import CheckpointError
from core.data.drawing import Drawing
from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import Cancelled, EquivarianceReport, cancelled_by
from core.models import Shown
from core.scales import ScaleSet
from tests.waiting import PATIENCE, alive, until

SHOWN = Shown("cnn_small")
STEERED = Shown("sesn_vector", ScaleSet((1.0, 1.5, 2.25, 3.375)))


def asked(kind: str, shown: Shown = SHOWN, **more) -> Asked:
    usual = Asked(kind, shown.key, shown.scales, shown.trained_on, (0.5, 1.26), layer="conv2")
    return replace(usual, **more)


def images(count: int = 2) -> torch.Tensor:
    return torch.cat([glyph.render(0.7) for glyph in GLYPHS[:count]])


def drawn() -> list[SizedGlyph]:
    return [SizedGlyph(GLYPHS[n], 0.7) for n in (3, 25)]


@pytest.fixture(scope="module")
def place():
    with_process = Place()
    yield with_process
    with_process.close()


def assert_same(found, expected) -> None:
    assert type(found) is type(expected)
    for part in fields(expected):
        one, other = getattr(found, part.name), getattr(expected, part.name)
        if isinstance(other, np.ndarray):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other
            assert isinstance(other, type(one))  # a set of scales is a tuple, and one where a tuple is said


@pytest.mark.parametrize(
    ("question", "digits"),
    [
        (asked("errors"), images),
        (asked("errors", resampler="exact"), drawn),
        (asked("errors", STEERED, costs=False, transform="translation", amounts=(2.0,)), images),
        (asked("budget", STEERED, amounts=(0.63,)), images),
        (asked("argmax", STEERED), images),
        (asked("lie", amounts=()), images),
    ],
    ids=["errors", "drawn-again", "translated", "budget", "argmax", "lie"],
)
def test_its_report_is_that_of_this_process(place, question, digits):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as there
    try:
        expected = measured(question, question.shown.load(), digits())
    finally:
        torch.set_num_threads(threads)
    assert_same(place.measured(question, digits()), expected)


def test_what_is_no_number_arrives():
    """A layer of a network that is silent on a blank image has errors that are not a number."""
    report = measured(asked("errors"), SHOWN.load(), torch.zeros(1, 1, 28, 28))
    assert np.isnan(report.per_image).any()
    assert_same(rebuilt(EquivarianceReport, unpack(pack(parts_of(report)))), report)


def test_refusals_are_those_of_this_process(place):
    with pytest.raises(ValueError, match="a scale factor must be a positive number") as told:
        place.measured(asked("errors", amounts=(-1.0,)), images())
    assert type(told.value) is ValueError
    with pytest.raises(ValueError, match="'nothing'"):
        place.measured(asked("nothing"), images())
    assert place.measured(asked("errors"), images()).num_images == 2


def test_weights_that_cannot_be_read_are_told_as_such(tmp_path, monkeypatch):
    (tmp_path / "checkpoints").mkdir()
    monkeypatch.setenv("EQUISCOPE_ASSETS", str(tmp_path))
    place = Place()
    try:
        with pytest.raises(CheckpointError, match="cnn_small"):
            place.measured(asked("errors"), images())
    finally:
        place.close()


def test_drawings_stay_where_they_are(place):
    drawing = [SizedGlyph(Drawing((((0.0, 0.0), (3.0, 4.0)),), 2.0), 1.0)]
    assert not place.takes(drawing)
    assert place.takes(drawn())
    assert place.takes(images())
    with pytest.raises(ValueError, match="drawn by hand"):
        place.measured(asked("errors", resampler="exact"), drawing)


def test_vector_digits_are_sent_by_place_and_size():
    for one, other in zip(digits_of(unpack(pack(parts_of_digits(drawn())))), drawn(), strict=True):
        assert (one.glyph, one.data_scale) == (other.glyph, other.data_scale)


def test_a_process_that_ends_is_one_sentence_and_the_next_question_has_another():
    place = Place()
    try:
        assert place.measured(asked("errors"), images(1)).num_images == 1
        first = pid_of(place)
        ended = partial(os.kill, first, signal.SIGKILL)
        with pytest.raises(ValueError, match=r"^The process that measured ended .*\.$"):
            with_kill_at_the_first_look(place, ended)
        assert not alive(first)
        assert place.measured(asked("errors"), images(1)).num_images == 1
        assert pid_of(place) != first
        os.kill(pid_of(place), signal.SIGKILL)  # while nobody asks: as one that ended for want of questions
        until(lambda: place._process.has_ended)
        assert place.measured(asked("errors"), images(1)).num_images == 1
    finally:
        place.close()


def with_kill_at_the_first_look(place: Place, kill) -> None:
    def kill_once() -> bool:
        if place._process.has_ended is False:
            kill()
            until(lambda: place._process.has_ended)
        return False

    with cancelled_by(kill_once):
        place.measured(asked("errors", Shown("sesn_antialiased")), images(10))


def pid_of(place: Place) -> int:
    return place._process._process.pid


def test_what_is_not_wanted_any_more_ends_and_the_process_stays(place):
    place.measured(asked("errors"), images(1))
    before, looks = pid_of(place), []

    def unwanted() -> bool:
        looks.append(1)
        return True

    with cancelled_by(unwanted), pytest.raises(Cancelled):
        place.measured(asked("errors", Shown("sesn_antialiased")), images(20))
    assert looks
    assert place.measured(asked("errors"), images(1)).num_images == 1
    assert pid_of(place) == before


def test_one_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)
    place = Place()
    try:
        with cancelled_by(lambda: True), pytest.raises(Cancelled):
            place.measured(asked("errors", Shown("sesn_antialiased")), images(20))
        assert place._process.has_ended
        assert place.measured(asked("errors"), images(1)).num_images == 1
    finally:
        place.close()


def test_a_question_is_cancelled_by_its_number_and_not_the_next_one():
    questions = Questions()
    assert not questions.is_cancelled(1)
    frames = iter([(1, b"first"), (1, CANCEL), (2, b"second")])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("core.apart.worker.read_frame", lambda source: next(frames, None))
        left = []
        patched.setattr("core.apart.worker.os._exit", left.append)
        questions.read(None)
    assert left == [0]  # the other end is closed
    assert questions.next() == (1, b"first")
    assert questions.is_cancelled(1)
    assert questions.next() == (2, b"second")
    assert not questions.is_cancelled(2)
    with cancelled_by(partial(questions.is_cancelled, 1)):
        assert unpack(answer(pack({**parts_of(asked("errors")), **parts_of_digits(images())}))) == {
            "status": "cancelled"
        }


def test_it_ends_when_nothing_is_asked_for_a_while():
    code = "from core.apart import worker; worker.IDLE_S = 0.01; worker.main()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(PATIENCE) == 0  # while the other end is open
        assert b"Fatal" not in process.stderr.read()


@pytest.mark.skipif(sys.platform != "linux", reason="priorities are read as Linux has them")
def test_it_steps_back_and_ends_with_its_end_of_the_pipe():
    place = Place()
    try:
        place.measured(asked("errors"), images(1))
        pid = pid_of(place)
        assert os.getpriority(os.PRIO_PROCESS, pid) == 19
        place._process._questions.close()
        assert place._process._process.wait(PATIENCE) == 0
    finally:
        place.close()
