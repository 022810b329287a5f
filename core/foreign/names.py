"""Names from a file that somebody sent, as much of them as a sentence can hold."""

_MOST_LETTERS = 80


def legible(name: str) -> str:
    """The name with what cannot be printed as `?`, cut off after 80 letters."""
    return "".join(each if each.isprintable() else "?" for each in name[:_MOST_LETTERS])
