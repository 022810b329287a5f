"""Page: what was found? Every measured table with its spread, and published numbers apart from ours."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.models import GROUPS
from pages.findings import as_published, parts
from pages.findings.parts import Groups
from pages.findings.view import Finding, show_finding, way_parameter
from pages.hosting.server import enter_through_app
from pages.panels.sections import section
from pages.panels.text import explain
from pages.state.links import Parameter, page_parameters, report_ignored, restore, several

Part = Callable[[Groups], Finding | str]
FIRST = "reading"
FOLDED: Sequence[tuple[str, str, Part, Sequence[Parameter]]] = (
    ("equivariance", "Which network commutes best with a change of size?", parts.equivariance, ()),
    ("paying", "Does it pay to commute?", parts.paying, (parts.AGAINST,)),
    ("sizes", "Who reads sizes that training never showed?", parts.sizes, (parts.TRAINED,)),
    ("scales", "What do internal scales and learned scales do?", parts.scales, (parts.TOY,)),
    ("checkpoints", "How good are the weights that are shipped?", parts.checkpoints, ()),
    ("photographs", "What about a network of photographs?", parts.photographs, (parts.PHOTOGRAPH_LAYER,)),
    (
        "shrunk", "Does a kernel that bends follow a change of size?", as_published.shrunk, (as_published.SHRUNK,),
    ),
    (
        "deep", "What does a deep scale-space do, level by level?", as_published.deep_scale_space,
        (as_published.LEVELS,),
    ),
    ("published", "What do the publications print?", parts.published, (parts.PUBLICATION,)),
)  # fmt: skip
_STUDIED = [group for group in GROUPS if group != "yours"]  # in whose tables networks stand
_GROUPS = several("groups", _STUDIED)


def show(name: str, find: Part, groups: Groups, question: str = "") -> None:
    """One part; a table that is missing or damaged becomes a sentence. Args: question: above it, if not folded."""
    try:
        found = find(groups)
    except FileNotFoundError as missing:
        gone = Path(str(missing.filename)).name if missing.filename else str(missing)
        st.warning(f"This part cannot be shown: {gone} is missing." if missing.filename else gone)
        return
    except (OSError, ValueError) as error:
        st.warning(f"This part cannot be shown: {error}.")
        return
    if isinstance(found, str):
        st.info(found)
    else:
        show_finding(name, found, question)


def choose_groups() -> Groups:
    """The groups of networks that every part shows; none stands for all."""
    page_parameters([_GROUPS])
    chosen = st.pills(
        "Groups of networks, all unless some are chosen", _STUDIED, selection_mode="multi", key=_GROUPS.key
    )  # fmt: skip
    return tuple(chosen or ())


enter_through_app(__file__)
st.title("What was found?")
groups = choose_groups()
page_parameters([way_parameter(FIRST)])
show(FIRST, parts.reading, groups, "Who reads digits best?")
explain("_results")
for name, question, find, controls in FOLDED:
    own = [way_parameter(name), *controls]
    restore(own)
    with section(question, name, own) as is_open:
        if is_open:
            page_parameters(own)
            show(name, find, groups)
report_ignored()
