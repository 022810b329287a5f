"""Who may train on this machine: a few live runs at once, the others wait their turn."""

import threading
import time
from collections.abc import Callable

from core.training.live import LiveRun
from core.training.live_setting import LiveSetting

_PULSE = 0.5  # seconds


class LivePool:
    """Each owner has one run, from `enter` until the next one, or until the owner is gone.

    A thread looks after the runs, as long as there are any: it starts those that wait in the order in which they came,
    and ends those whose owner has been away for too long.

    Args: places: runs that may have a process at once.
          is_present: whether an owner is still there; called from that thread.
          absence_s: seconds after which an absent owner's run ends.
          per_address: runs of one address that may have a process at once; the owners of no address are not limited.
    """

    def __init__(
        self, places: int, is_present: Callable[[str], bool], absence_s: float | int = 30,
        per_address: int | None = None,
    ):  # fmt: skip
        self.per_address = places if per_address is None else per_address
        self.places, self.absence_s, self._is_present = places, absence_s, is_present
        self._runs: dict[str, LiveRun] = {}  # in the order of arrival
        self._address: dict[LiveRun, str] = {}  # of those that have one, ended or not
        self._leaving: list[LiveRun] = []  # of owners who have another run, or are gone
        self._seen: dict[str, float] = {}
        self._lock = threading.RLock()
        self._keeper: threading.Thread | None = None

    def enter(self, owner: str, setting: LiveSetting, address: str = "") -> LiveRun:
        """A new run, which starts when a place is free; an owner whose run has not ended gets that one.

        Args: address: from which the owner came, or an empty text.
        """
        with self._lock:
            present = self._runs.get(owner)
            if present is not None and not present.report.ended:
                return present
            if present is not None:
                self._leaving.append(self._runs.pop(owner))
            run = self._runs[owner] = LiveRun(setting)
            if address:
                self._address[run] = address
            self._seen[owner] = time.monotonic()
            self._tend()
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, daemon=True)
                self._keeper.start()
            return run

    def of(self, owner: str) -> LiveRun | None:
        """The latest run of an owner."""
        return self._runs.get(owner)

    def ahead_of(self, owner: str) -> int:
        """How many runs wait and came earlier."""
        with self._lock:
            waiting = [each for each, run in self._runs.items() if run.report.phase == "waiting"]
        return waiting.index(owner) if owner in waiting else 0

    def waits_for_its_address(self, owner: str) -> bool:
        """Whether a run waits only because others of its address have as many processes as one may."""
        with self._lock:
            run = self._runs.get(owner)
            return run is not None and run.report.phase == "waiting" and self._is_full(run)

    @property
    def processes(self) -> int:
        """How many runs have one."""
        with self._lock:
            return len(self._going())

    def _going(self) -> list[LiveRun]:
        return [run for run in (*self._runs.values(), *self._leaving) if run.pid is not None and not run.wait(0)]

    def _is_full(self, run: LiveRun) -> bool:
        """Whether the address of a run has as many processes as it may."""
        address = self._address.get(run, "")
        return bool(address) and (
            sum(self._address.get(other) == address for other in self._going()) >= self.per_address
        )

    def close(self) -> None:
        """Cancels every run and forgets it."""
        with self._lock:
            for owner in list(self._runs):
                self._leave(owner)

    def _keep(self) -> None:
        while True:
            time.sleep(_PULSE)
            with self._lock:
                self._tend()
                if not self._runs and not self._leaving:
                    self._keeper = None
                    return

    def _tend(self) -> None:
        now = time.monotonic()
        for owner in list(self._runs):
            if self._is_present(owner):
                self._seen[owner] = now
            elif now - self._seen[owner] > self.absence_s:
                self._leave(owner)
        for run in self._runs.values():
            if run.overdue and not run.wants_cancel:
                run.cancel()
        self._leaving = [run for run in self._leaving if not run.wait(0)]
        here = {*self._runs.values(), *self._leaving}
        self._address = {run: address for run, address in self._address.items() if run in here}
        free = self.places - self.processes
        for run in self._runs.values():
            if free > 0 and run.report.phase == "waiting" and not self._is_full(run):
                run.start()
                free -= 1

    def _leave(self, owner: str) -> None:
        run = self._runs.pop(owner)
        del self._seen[owner]
        run.cancel()
        self._leaving.append(run)
