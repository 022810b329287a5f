"""The card of a step, as the component draws it."""

from components.lesson_card import Card, lesson_card
from pages.lessons.ahead import script_ahead
from pages.lessons.answers import answer_of, answers, as_text, take_over
from pages.lessons.place import Place, places
from pages.lessons.truth import truth_of
from pages.panels.terms import unexplained


def show_card(place: Place) -> None:
    """Text, question, and the way on."""
    card = card_of(place)
    told = [card.text, *([card.ask.prompt] if card.ask else [])]
    lesson_card(card, answers(), unexplained(told, "card"), take_over)


def card_of(place: Place) -> Card:
    """The card as the visitor's answers have it."""
    every, step, answer = places(), place.step, answer_of(place)
    at = every.index(place)
    back, after = every[at - 1] if at else None, every[at + 1] if at + 1 < len(every) else None
    leaves = after is not None and after.lesson.id != place.lesson.id
    revealed = answer.reveals if step.ask else answer.done or step.do is None
    return Card(
        at=place.at, lesson=place.lesson.title, place=place.number, count=len(place.lesson.steps), text=step.text,
        ask=step.ask, why=step.why if revealed else "", do=step.do is not None, answer=answer,
        truth=truth_of(place, answer), back=back.at if back else "", next=after.at if after else "",
        next_lesson=after.lesson.title if leaves and after else "", copied=as_text(),
        ahead=script_ahead(place),
    )  # fmt: skip
