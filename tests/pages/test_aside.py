"""Long computations wait in turn, stand back, are one a visitor, and end when nobody wants them."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from types import SimpleNamespace

import pytest
import torch

from core.apart import Asked
from core.data.glyphs import GLYPHS
from core.equivariance import (
    Cancelled,
    Sweep,
    budget,
    cancelled_by,
    lie_derivative,
    measure,
    measure_side_by_side,
    sweep,
    sweep_layer,
    undone,
)
from core.equivariance.cancelling import ask_whether_wanted
from core.models import MODELS, Shown, load
from core.transforms import TRANSFORMS
from pages.hosting import aside as module
from pages.hosting import company
from pages.hosting.aside import Aside, aside, measured_aside
from pages.results.answers import answers_put_back
from pages.results.stacks import layer_stack, square_stack
from pages.state.view import Digit
from tests.waiting import PATIENCE, until


def always() -> bool:
    return True


def silent(before: int) -> None:
    pass


class Held:
    """Work that goes on until it is let go, or is not wanted any more."""

    def __init__(self):
        self.begun, self.free, self.ended = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        try:
            while not self.free.wait(0.01):
                ask_whether_wanted()
        finally:
            self.ended.set()
        return "done"


@pytest.fixture
def visitors():
    """Visitors, each with a thread of a run."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_computations_wait_in_turn_and_hear_how_many_are_before_them(visitors):
    places, first, order, heard = Aside(1), Held(), [], {"b": [], "c": []}
    runs = [visitors.submit(places.run, first, "a", always, silent)]
    assert first.begun.wait(PATIENCE)
    for count, name in enumerate(heard, start=1):
        work = lambda name=name: order.append(name) or name  # noqa: E731
        runs.append(visitors.submit(places.run, work, name, always, heard[name].append))
        until(lambda name=name: heard[name])
        assert heard[name] == [count]
    assert order == []
    first.free.set()
    assert [run.result(PATIENCE) for run in runs] == ["done", "b", "c"]
    assert order == ["b", "c"]


def test_as_many_as_there_are_places_go_on_at_once(visitors):
    places, works = Aside(2), [Held(), Held()]
    runs = [visitors.submit(places.run, work, str(i), always, silent) for i, work in enumerate(works)]
    assert all(work.begun.wait(PATIENCE) for work in works)
    for work in works:
        work.free.set()
    assert [run.result(PATIENCE) for run in runs] == ["done", "done"]


def test_what_nobody_wants_ends_and_leaves_its_place(visitors):
    places, work, wanted = Aside(1), Held(), threading.Event()
    wanted.set()
    run = visitors.submit(places.run, work, "a", wanted.is_set, silent)
    assert work.begun.wait(PATIENCE)
    wanted.clear()
    with pytest.raises(Cancelled):
        run.result(PATIENCE)
    assert work.ended.wait(PATIENCE)
    assert places.run(lambda: "next", "b", always, silent) == "next"


def test_what_nobody_waits_for_never_begins(visitors):
    places, first, second, wanted = Aside(1), Held(), Held(), threading.Event()
    run = visitors.submit(places.run, first, "a", always, silent)
    assert first.begun.wait(PATIENCE)
    with pytest.raises(Cancelled):
        places.run(second, "b", wanted.is_set, silent)
    first.free.set()
    assert run.result(PATIENCE) == "done"
    assert places.run(lambda: "third", "c", always, silent) == "third"
    assert not second.begun.is_set()


def test_a_visitor_has_one_at_a_time(visitors):
    places, first, wanted = Aside(2), Held(), threading.Event()
    wanted.set()
    run = visitors.submit(places.run, first, "a", wanted.is_set, silent)
    assert first.begun.wait(PATIENCE)
    after = visitors.submit(places.run, first.ended.is_set, "a", always, silent)
    assert not after.done()
    wanted.clear()
    assert after.result(PATIENCE) is True  # the first one had ended when the second began
    with pytest.raises(Cancelled):
        run.result(PATIENCE)


def test_what_a_run_is_ended_by_passes_through(visitors):
    """Streamlit ends a run by an exception wherever it is looked at."""

    class Ended(BaseException):
        pass

    def look() -> bool:
        raise Ended

    places, work = Aside(1), Held()
    with pytest.raises(Ended):
        places.run(work, "a", look, silent)
    assert places.run(lambda: 1, "a", always, silent) == 1


def test_what_a_computation_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        Aside(1).run(lambda: 1 / 0, "a", always, silent)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux")
def test_computations_stand_back_with_all_their_threads():
    def priorities() -> list[int]:
        with ThreadPoolExecutor(1) as pool:
            inner = pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result()
        return [os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), inner]

    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert Aside(1).run(priorities, "a", always, silent) == [min(19, usual + 10)] * 2 or usual > 9
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == usual


@pytest.mark.parametrize(
    ("places", "cores", "company", "threads"),
    [(1, 2, False, 2), (1, 2, True, 1), (1, 1, True, 1), (8, 16, False, 2), (8, 16, True, 1), (2, 16, True, 7)],
)
def test_a_core_is_left_to_whoever_else_is_here(places, cores, company, threads):
    assert module.threads_of_each(places, cores, company) == threads


def of_place(threads: int, place) -> object:
    """What a place's thread, which has `place` for its process, is given for a question on nine threads."""
    asked = Asked("errors", NETWORK, None, Shown(NETWORK).trained_on, (0.5,), threads=9)

    def compute():
        module._OF_THREAD.place = place
        return measured_aside(asked, partial(load, NETWORK), GLYPHS[0].render(0.7))

    return Aside(1, lambda: threads).run(compute, "a", always, silent)


def test_a_place_has_reports_measured_in_its_process_on_as_many_threads_as_it_may():
    class There:
        takes = staticmethod(lambda digits: True)
        measured = staticmethod(lambda asked, digits: (asked.threads, digits.shape))

    assert of_place(3, There) == (3, (1, 1, 28, 28))


def test_what_cannot_be_sent_and_networks_of_ones_own_are_measured_here(monkeypatch):
    class There:
        takes = staticmethod(lambda digits: False)

    assert of_place(3, There).num_images == 1
    There.takes = staticmethod(lambda digits: True)
    monkeypatch.setattr(type(MODELS[NETWORK]), "is_own", True)
    assert of_place(3, There).num_images == 1


def test_company_is_who_is_connected(monkeypatch):
    here = {"a"}
    runtime = SimpleNamespace(is_active_session=here.__contains__)
    monkeypatch.setattr(company, "_SEEN", set())
    monkeypatch.setattr(company, "Runtime", SimpleNamespace(exists=always, instance=lambda: runtime))

    def come(session: str) -> None:
        here.add(session)
        monkeypatch.setattr(company, "get_script_run_ctx", lambda **_: SimpleNamespace(session_id=session))
        company.note_visitor()

    come("a")
    assert not company.has_company()
    come("b")
    assert company.has_company()
    here.remove("a")
    assert not company.has_company()
    come("b")
    assert "a" not in company._SEEN


def test_without_a_server_it_is_a_call():
    assert aside(divmod, 7, 2) == (3, 1)


NETWORK = "cnn_small"


@cache
def swept() -> Sweep:
    return sweep(load(NETWORK), GLYPHS[0].render(0.7), (0.5, 2.0))


@pytest.mark.parametrize(
    "compute",
    [
        lambda network, digits: measure(network, digits, (0.5, 2.0)),
        lambda network, digits: measure_side_by_side(network, digits, (0.5, 2.0)),
        lambda network, digits: budget(network, digits, 0.5),
        lambda network, digits: lie_derivative(network, digits),
        lambda network, digits: sweep(network, digits[:1], (0.5, 2.0)),
        lambda network, digits: sweep_layer(swept(), "conv2"),
        lambda network, digits: undone(swept(), "conv2", 0),
    ],
)
def test_measurements_ask_whether_they_are_wanted(compute):
    network, digits = load(NETWORK), torch.cat([glyph.render(0.7) for glyph in GLYPHS[:2]])
    swept()  # what of it asks, asks before
    asked = []
    with cancelled_by(lambda: bool(asked.append(1))):
        compute(network, digits)
    assert asked
    with cancelled_by(lambda: True), pytest.raises(Cancelled):
        compute(network, digits)
    with suppress(Cancelled):
        compute(network, digits)  # outside the block it is wanted


def test_the_page_says_who_is_before_and_then_no_more(visitors, monkeypatch):
    places, first, page = Aside(1), Held(), []
    told = SimpleNamespace(info=page.append, empty=lambda: page.append(""))
    monkeypatch.setattr(module, "_places", lambda: places)
    monkeypatch.setattr(module, "_look", always)
    going = visitors.submit(places.run, first, "a", always, silent)
    assert first.begun.wait(PATIENCE)
    waiting = visitors.submit(module._in_turn, lambda: "mine", "b", told)
    until(lambda: page)
    first.free.set()
    assert (going.result(PATIENCE), waiting.result(PATIENCE)) == ("done", "mine")
    assert (page[0], page[-1]) == ("Others are measuring; 1 is before you.", "")


def test_the_stack_of_a_visitor_who_leaves_is_not_computed_to_its_end(monkeypatch):
    """The maps of one digit at 49 amounts take seconds of a core, in the visitor's own run."""
    looked = []

    def left() -> bool:
        looked.append(1)
        return len(looked) < 3

    monkeypatch.setattr(module, "_look", left)
    monkeypatch.setattr(module, "get_script_run_ctx", lambda suppress_warning: object())
    amounts, digit = tuple(TRANSFORMS["scale"].handle_amounts), Digit("vector", "0-round", 1.0)
    for stack_of in (
        partial(square_stack, Shown(NETWORK), digit, "exact", "conv2", "unit", amounts, "scale"),
        partial(layer_stack, Shown(NETWORK), digit, "exact", "conv2", "unit", amounts, "scale"),
        partial(answers_put_back, Shown(NETWORK), digit, "exact", "conv2", amounts, "scale"),
    ):
        looked.clear()
        with pytest.raises(Cancelled):
            stack_of()
        assert len(looked) == 3
