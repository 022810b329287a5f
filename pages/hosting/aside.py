"""Long computations run aside: a few at a time, in turn, and out of the way of whoever only moves a handle.

A computation is handed to a thread of its own kind, which the system runs after all others (nice), and which has
reports measured in a process of its own (core.apart). It waits behind those that were handed over before; a visitor has
one at a time. The visitor's run waits for it; if another run ends that one, or the visitor leaves, the computation is
told to end.
"""

import os
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.apart import Asked, Place, Report, measured
from core.data.sources import Pictures
from core.equivariance import Cancelled, cancelled_by
from core.freed_memory import giving_back
from core.from_environment import positive
from core.models import MODELS, Network
from pages.hosting.company import has_company

Result = TypeVar("Result")
_NICE = 10  # steps behind: a tenth of the time of a core that somebody else wants
_LOOK_S = 0.2  # between two looks at the visitor
_MOST_MET = 4096
_MET: set[tuple[Callable, tuple[Hashable, ...]]] = set()  # what was computed here; that its function keeps it is likely

_WITHOUT_PLACE = 2  # threads that measure in this process
_OF_THREAD = threading.local()  # of computations: the place that measures for it, and on how many threads


class Aside:
    """Args: places: computations at a time. threads: of each, asked when it begins."""

    def __init__(self, places: int, threads: Callable[[], int] = lambda: 1):
        self._pool = ThreadPoolExecutor(places, "aside", _begin_place)
        self._threads = threads
        self._lock = threading.Lock()
        self._waiting: list[Future] = []  # in their order, those that have begun not counted
        self._of_visitor: dict[str, Future] = {}

    def run(
        self, work: Callable[[], Result], visitor: str, wanted: Callable[[], bool], tell: Callable[[int], None]
    ) -> Result:
        """The result of `work`, or what it raised.

        Args: visitor: who has one computation at a time; an earlier one, which nobody waits for any more, ends first.
              wanted: asked five times a second; may raise. tell: how many are before this one, when that changes.
        Raises: Cancelled if it is not wanted any more.
        """
        over = threading.Event()
        ended = self._of_visitor.get(visitor)
        future = self._enter(work, visitor, over, ended)
        told = -1
        try:
            while not wait([future], _LOOK_S).done:
                if not wanted():
                    raise Cancelled
                before = self._before(future)
                if before != told and (before or told > 0):
                    tell(before)
                told = before
            return future.result()
        finally:
            over.set()
            future.cancel()
            self._leave(future, visitor)

    def _enter(self, work: Callable[[], Result], visitor: str, over: threading.Event, ended: Future | None) -> Future:
        def begin() -> Result:
            if ended is not None:
                wait([ended])  # it was told to end
            with self._lock:
                self._waiting.remove(future)
            _OF_THREAD.threads = self._threads()
            with cancelled_by(over.is_set):
                return work()

        with self._lock:
            future = self._pool.submit(begin)
            self._waiting.append(future)
            self._of_visitor[visitor] = future
        return future

    def _before(self, future: Future) -> int:
        with self._lock:
            return self._waiting.index(future) + 1 if future in self._waiting else 0  # and one that goes on

    def _leave(self, future: Future, visitor: str) -> None:
        with self._lock:
            if future in self._waiting and future.cancelled():
                self._waiting.remove(future)
            if self._of_visitor.get(visitor) is future and future.done():
                del self._of_visitor[visitor]


@st.cache_resource(show_spinner=False)
def _places() -> Aside:
    cores = os.cpu_count() or 2
    places = max(1, round(positive("EQUISCOPE_PLACES", cores / 2)))
    return Aside(places, lambda: threads_of_each(places, cores, has_company()))


def threads_of_each(places: int, cores: int, company: bool) -> int:
    """All cores, shared out; one of them is left to whoever else is here, as far as there is another."""
    return max(1, (cores - company) // places)


def aside(function: Callable[..., Result], *given: Hashable, told: DeltaGenerator | None = None) -> Result:
    """`function(*given)`, which keeps what it found, computed aside for this visitor's run.

    What was computed before is asked for at once.

    Args: told: where the page says how many are before this visitor; by default here.
    """
    context = get_script_run_ctx()
    if context is None or not Runtime.exists() or (function, given) in _MET:
        return function(*given)
    found = _in_turn(partial(function, *given), context.session_id, st.empty() if told is None else told)
    if len(_MET) >= _MOST_MET:
        _MET.clear()
    _MET.add((function, given))
    return found


def _in_turn(work: Callable[[], Result], visitor: str, told: DeltaGenerator) -> Result:
    waited: list[int] = []

    def tell(before: int) -> None:
        waited.append(before)
        if before:
            told.info(f"Others are measuring; {before} {'is' if before == 1 else 'are'} before you.")

    try:
        return _places().run(work, visitor, _look, tell)
    finally:
        if waited:
            told.empty()


@contextmanager
def while_wanted() -> Iterator[None]:
    """What the visitor's own run computes within ends soon after the visitor leaves or asks for another run.

    Raises: what ends a run of Streamlit.
    """
    with cancelled_by(lambda: not _look()) if get_script_run_ctx(suppress_warning=True) else nullcontext():
        yield


def _look() -> bool:
    """Whoever asks for another run, or leaves, ends this one: Streamlit raises where its state is looked at."""
    st.session_state.get("aside")
    return True


def measured_aside(asked: Asked, network: Callable[[], Network], digits: Pictures) -> Report:
    """The report, from the process of the place that computes now.

    Where there is none, or nothing that can be sent (networks of one's own, drawings that are drawn again), it is
    measured here. Args: network: asked for then. Raises: as `core.apart.measured`, `Place.measured`.
    """
    place: Place | None = getattr(_OF_THREAD, "place", None)
    if place is None or MODELS[asked.key].is_own or not place.takes(digits):
        return giving_back(measured)(replace(asked, threads=_WITHOUT_PLACE), network(), digits)
    return place.measured(replace(asked, threads=_OF_THREAD.threads), digits)


def _begin_place() -> None:
    _OF_THREAD.place = Place()
    _step_back()


def _step_back() -> None:
    if sys.platform != "linux":  # where threads have a priority of their own, which those that they start take over
        return
    thread = threading.get_native_id()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + _NICE))
