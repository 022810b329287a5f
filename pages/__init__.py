"""One file = one question of a visitor: controls, computation, view. PAGES is the table that everybody reads.

A new page is its file, its line here and its text, assets/text/<name>.md; the menu, the doors of the start page and the
tests follow.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page of the app.

    Attributes:
        name: of its file, pages/<name>.py, and of its text, assets/text/<name>.md. Without an underscore in front it is
            the address, which Streamlit asks of a server's first visitor; `_results` leaves room for the package.
        title: in the menu. icon: beside it. question: of a visitor, that it answers.
        url_path: after the address of the app; empty for the page that opens first.
        is_stage: whether its figure has the whole screen, so that the sidebar opens on demand only.
        sidebar: a sentence above its controls, if they need one.
        is_about_layer: whether one layer is its subject, so that the choice of it stands among the first controls.
        is_folded: whether the menu has it under "More".
    """

    name: str
    title: str
    icon: str
    question: str
    url_path: str
    is_stage: bool = False
    sidebar: str = ""
    is_about_layer: bool = False
    is_folded: bool = False

    @property
    def file(self) -> str:
        """As Streamlit wants it, relative to app.py."""
        return f"pages/{self.name}.py"


PAGES = (
    Page(
        "start", "Start", ":material/home:", "Does a network see the same digit at another size?", "", is_stage=True,
        sidebar="This page has two networks of its own; network, scales, layer and range hold on the pages behind it.",
    ),
    Page(
        "learn", "Learn", ":material/school:", "What is equivariance, and what breaks it?", "learn", is_stage=True,
        sidebar="Every step of a lesson sets these controls; what you change holds until the next.",
    ),
    Page(
        "commute", "Commute", ":material/compare_arrows:", "Does it commute with a change of size?", "commute",
        is_about_layer=True,
    ),
    Page("maps", "Maps", ":material/grid_view:", "What does each scale see?", "maps", is_about_layer=True),
    Page("errors", "Errors", ":material/stacked_line_chart:", "Which layer breaks equivariance?", "errors"),
    Page("scales", "Scales", ":material/straighten:", "Which internal scales suit my data?", "scales"),
    Page("_results", "Results", ":material/leaderboard:", "What was found?", "results"),
    Page(
        "compare", "Compare", ":material/balance:", "Is network B better, at what price?", "compare", is_folded=True
    ),
    Page(
        "yours", "Yours", ":material/upload_file:", "What about my own network?", "yours", is_folded=True,
        sidebar="These controls are for the networks of the other pages; this page has its own.",
    ),
    Page(
        "about", "About", ":material/info:", "Can I trust these numbers, and whose networks are they?", "about",
        is_folded=True,
    ),
)  # fmt: skip
