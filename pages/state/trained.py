"""Which digits the weights that are shown were trained on, in the session and in the link."""

from collections.abc import Collection

from core.checkpoints import ALL_SIZES, FOLDERS
from pages.state.links import Parameter


def trained_parameter(
    key: str, usual: str = ALL_SIZES, name: str = "", options: Collection[str] = tuple(FOLDERS)
) -> Parameter:
    """One of the digits that weights may be trained on, `one-size` in the URL. Args: as `pages.state.links.choice`."""

    def parse(asked: str) -> str:
        found = asked.replace("-", " ")
        if found not in options:
            raise ValueError(asked)
        return found

    def fit(value: object) -> str:
        return value if isinstance(value, str) and value in options else usual

    return Parameter(key, usual, parse, lambda digits: digits.replace(" ", "-"), fit, name)


TRAINED = trained_parameter("trained")
