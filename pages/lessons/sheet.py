"""A lesson on paper: a worksheet with blanks, and a sheet with what core computes; as HTML."""

from html import escape

from core.lessons import Ask, Lesson, Step
from core.sentences import as_html
from pages.lessons.blank_axes import blank_axes
from pages.lessons.drawn import axes_of
from pages.lessons.place import Place
from pages.lessons.truth import solution_of

_BLANK = '<span class="eq-blank"></span>'


def sheets(lesson: Lesson) -> str:
    """Both sheets, each on a page of its own."""
    tasks = "".join(f"<li>{_task(step)}</li>" for step in lesson.steps)
    solved = "".join(f"<li>{_solved(lesson, step)}</li>" for step in lesson.steps)
    title = escape(lesson.title)
    return (
        f'<div class="eq-sheets"><article><h1>{title}</h1><p>Name {_BLANK} Date {_BLANK}</p><ol>{tasks}</ol></article>'
        f"<article><h2>Solutions: {title}</h2><ol>{solved}</ol></article></div>"
    )


def _task(step: Step) -> str:
    asked = ""
    if step.ask:
        options = "".join(f"<li>{as_html(option.text)}</li>" for option in step.ask.option)
        answer = f'<ul class="eq-boxes">{options}</ul>' if options else _blank(step, step.ask)
        asked = f"<p><b>{as_html(step.ask.prompt)}</b></p>{answer}"
    return f"<p>{as_html(step.text)}</p>{asked}"


def _blank(step: Step, ask: Ask) -> str:
    return blank_axes(axes_of(step, ask)) if ask.kind == "draw" else f"<p>{_BLANK} {escape(ask.unit)}</p>"


def _solved(lesson: Lesson, step: Step) -> str:
    if step.ask is None:
        return "<p>Nothing is asked.</p>"
    right = [f"{as_html(option.text)} {as_html(option.says)}" for option in step.ask.option if option.right]
    said = " ".join(right) or as_html(solution_of(Place(lesson, step)))
    return f"<p><b>{as_html(step.ask.prompt)}</b> {said}</p><p>{as_html(step.why)}</p>"
