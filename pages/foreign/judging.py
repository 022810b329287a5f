"""A file on its way through a process of its own: progress, a button to stop, and what it found."""

import hashlib
import threading
import time

import streamlit as st

from core.foreign import SECONDS, Findings, Judgement, Question
from core.foreign.pictures import pack
from pages.foreign.choose import EXAMPLE, FILES, Brought

_FOUND = "yours_found"
_MOST_KEPT = 4  # findings of a visit
_LOOK_S = 0.2
_Key = tuple[str, Question]


def judged(brought: Brought, question: Question) -> Findings:
    """What was found, once for a file and a question. Raises: ValueError, in one sentence, as `Judgement.wait`."""
    kept = _kept_by_all() if brought.is_ours and brought.pictures is None else st.session_state.setdefault(_FOUND, {})
    packed = b"" if brought.pictures is None else pack(brought.pictures.images)
    key = hashlib.sha256(packed + brought.content).hexdigest(), question
    if key not in kept:
        found = _judge(brought, question, packed)
        while len(kept) >= _MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = found
    if isinstance(found := kept[key], str):
        raise ValueError(found)
    return found


@st.cache_resource(show_spinner=False)
def _kept_by_all() -> dict[_Key, Findings | str]:
    """What was found of the example, for every visitor."""
    return {}


def _judge(brought: Brought, question: Question, pictures: bytes) -> Findings | str:
    """Findings, or why there are none. Whoever leaves or presses a control stops the process."""
    judgement = Judgement(brought.content, question, SECONDS * (1 if question.size == "small" else 3), pictures)
    answers: list[Findings | str] = []
    thread = threading.Thread(target=lambda: answers.append(_answer(judgement)), daemon=True)
    told = st.empty()
    began = time.monotonic()
    try:
        with told.container(horizontal=True, vertical_alignment="center"):
            bar = st.empty()
            st.button("Stop", key="yours_stop", on_click=_stop)
        thread.start()
        while thread.is_alive():
            seconds = time.monotonic() - began
            bar.progress(
                min(1.0, seconds / judgement.seconds), f"Reading and measuring {brought.name}: {seconds:.0f} s …"
            )
            thread.join(_LOOK_S)
    finally:
        judgement.stop()
    told.empty()
    return answers[0] if answers else "it ended without an answer"


def _answer(judgement: Judgement) -> Findings | str:
    try:
        return judgement.wait()
    except (ValueError, OSError) as error:
        return str(error)


def _stop() -> None:
    """The run that this button causes ends the one that measures; its file is put away, lest it begin again."""
    st.session_state[EXAMPLE.key] = False
    st.session_state[FILES] = st.session_state.get(FILES, 0) + 1
