"""Page: can I trust it? The definition of every number, the networks with their checkpoints, and the limits."""

import re
from html import escape

import streamlit as st

from core.checkpoints import Card, CheckpointError, available, read_card
from core.figures import data_uri, png_bytes
from core.glossary import glossary
from core.models import MODELS
from core.results.published import MNIST_SCALE
from core.tolerance import PUBLISHED_TAU_TOL
from pages.hosting.server import enter_through_app
from pages.panels.text import explain, note, say
from pages.results.photographs import SEED, pipeline_pictures
from pages.state.presenting import grown, has_large_type, is_presenting

enter_through_app(__file__)

READING_WIDTH = 860  # pixels; longer lines are hard to follow
_PER_PIXEL = 1.25  # of the window, for each of a row of photographs


def describe_networks() -> dict[str, list[str]]:
    """The registry as a table."""
    return {
        "Network": [spec.title for spec in MODELS.values()],
        "Name in a link": [f"`{key}`" for key in MODELS],
        "Group": [spec.group for spec in MODELS.values()],
        "Sizes": [", ".join(spec.sizes) for spec in MODELS.values()],
        "Source": [link_papers(spec.source) for spec in MODELS.values()],
        "In a sentence": [spec.summary for spec in MODELS.values()],
    }


def describe_terms() -> dict[str, list[str]]:
    """The glossary as a table."""
    return {
        "Term": [term.name for term in glossary()],
        "Also": [", ".join(term.forms[1:]) for term in glossary()],
        "Definition": [term.definition for term in glossary()],
    }


def link_papers(source: str) -> str:
    """A source whose arXiv numbers lead to the papers; so Tab also stops in the table, which scrolls on a phone."""
    return re.sub(r"(?:arXiv:)?(\d{4}\.\d{5})", r"[\g<0>](https://arxiv.org/abs/\1)", source)


def describe_card(card: Card) -> dict[str, str]:
    """What a card says, by the name of the row."""
    read = "not measured" if card.glyph_error is None else f"{100 - card.glyph_error:.1f} %"
    data = card.data
    return {
        "Test error": f"{card.test_error:.2f} % of {card.test_images:,} images",
        "Vector digits read": read,
        "Parameters": f"{card.parameters:,}",
        "Training": f"{card.epochs} epochs, {card.wall_time_s / 60:.0f} minutes on {card.device}",
        "Data": f"{data.get('name', '?')}, realisation {data.get('realisation', '?')}, "
        f"{data.get('training_images', 0):,} training images",
        "Seed": str(card.seed),
        "Command": f"`{card.command}`",
        "SHA-256 of the weights": f"`{card.sha256[:12]}…`",
    }


def describe_published() -> dict[str, list[str]]:
    """What the papers print, which is not measured here."""
    source = "Basting, Table 5"
    return {
        "Number": [f"Test error on MNIST-Scale, {MODELS[key].title}" for key in MNIST_SCALE]
        + ["τ_tol of the joint fit"],
        "Published": [f"{error:.2f} %" for error in MNIST_SCALE.values()] + [f"{PUBLISHED_TAU_TOL} octaves"],
        "Source": [source] * len(MNIST_SCALE) + ["Basting, tolerance model"],
    }


def read_cards() -> tuple[list[dict[str, str]], list[str], list[str]]:
    """The cards as rows, the networks that have none, and a sentence for each card that cannot be read."""
    rows, awaited, complaints = [], [], []
    for key, size in ((key, size) for key, spec in MODELS.items() if spec.has_checkpoints for size in spec.sizes):
        title = f"{MODELS[key].title} ({size})"
        if not available(key, size):
            awaited += [MODELS[key].title] if size == "small" else []
            continue
        try:
            rows.append({"Network": title} | describe_card(read_card(key, size)))
        except CheckpointError as error:
            complaints.append(str(error))
        except (TypeError, ValueError, AttributeError):  # a card of JSON, but not of ours
            complaints.append(f"The card of {key} at size {size} holds values of the wrong kind.")
    return rows, awaited, complaints


def show_pipeline() -> None:
    """Photographs before and after each step of the published training on STL-10."""
    found = pipeline_pictures()
    say(
        "The wide residual networks of STL-10 are trained on photographs that change every time they are seen, in five "
        "steps, in the published order: what is padded is black, what is cut out is the mean colour. After "
        "normalising, 0 is shown as middle grey."
    )
    for row in found.rows:
        told = f"{row.name[0].upper()}{row.name[1:]}: {row.told}."
        note(told)
        width = grown(round(_PER_PIXEL * row.picture.shape[1]))
        source, alt = data_uri(png_bytes(row.picture)), escape(f"Photographs in a row. {told}")
        st.html(f'<img src="{source}" alt="{alt}" width="{width}" style="max-width:100%">')
    note(f"{found.source} Seed {SEED}; each step draws on its own. `python -m core.training.stl10` trains.")


st.title("About")
with st.container(width="stretch" if is_presenting() else READING_WIDTH):
    explain("about")
    st.header("Networks")
    say("The two random networks and the identity are controls: they are never trained.")
    st.table(describe_networks(), hide_index=True, alt="All networks with source and a sentence each")

    st.header("Photographs of STL-10, step by step")
    show_pipeline()

    st.header("Checkpoints")
    say("**Measured here**, by the code that wrote the weights; the command makes them again.")
    cards, awaited, complaints = read_cards()
    for complaint in complaints:
        st.warning(complaint)
    if awaited:
        st.info(f"Not trained yet, so without a checkpoint: {'; '.join(awaited)}.")
    if cards:
        show_cards = st.table if has_large_type() else st.dataframe  # the type of a data frame does not grow
        show_cards(cards, hide_index=True)

    st.header("Published numbers")
    say(
        "**Not measured here.** Networks of about 495,000 parameters on 56×56 pixels, trained on 10,000 images without "
        "scale augmentation, mean over six realisations. Ours of size *paper* are trained in the same way, on one "
        "realisation of our own data. Those of size *small*, which the pages show, are smaller, see 28×28 pixels and "
        "train with light augmentation: their numbers do not compare one to one."
    )
    st.table(describe_published(), hide_index=True, alt="Published numbers with their sources")
    note(
        "Basting: Scale Learning in Scale-Equivariant Convolutional Networks. SESN: Sosnovik, Szmaja and Smeulders, "
        "Scale-Equivariant Steerable Networks, arXiv:1910.11093."
    )

    st.header("Glossary")
    st.table(describe_terms(), hide_index=True, alt="Every term that the pages explain")
