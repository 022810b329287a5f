"""The concept test on the page: both forms, and what was gained between them. What a visitor answers is never sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from components.bundle import register
from core.lessons import Lesson
from core.lessons.concept_test import Item

_KEY = "concept_test"
_component = register("concept_test")


def concept_test(items: Sequence[Item], lessons: Mapping[str, Lesson], first: str) -> None:
    """Puts it on the page. Args: lessons: by id, for the items' titles. first: the address where the lessons begin."""
    told = [{**asdict(item), "title": lessons[item.lesson].title} for item in items]
    _component(key=_KEY, data={"items": told, "first": first})
