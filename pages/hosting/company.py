"""Whether more than one visitor is connected to this process."""

from threading import Lock

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

_SEEN: set[str] = set()  # sessions that ran the app and were still connected when the last one did
_LOCK = Lock()


def note_visitor() -> None:
    """In every run of the app."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and Runtime.exists():
        with _LOCK:
            _SEEN.add(context.session_id)
            _SEEN.intersection_update(_connected())


def has_company() -> bool:
    """Whether a visitor who asks is not the only one."""
    with _LOCK:
        return len(_connected()) > 1


def _connected() -> list[str]:
    runtime = Runtime.instance()
    return [session for session in _SEEN if runtime.is_active_session(session)]
