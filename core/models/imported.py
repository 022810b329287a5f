"""A module by its name, `package.module:attribute`, as the command line takes it: imported, or made by a function."""

import importlib
import sys
from pathlib import Path
from typing import Any

from torch import nn

_LONGEST = 300  # letters of what an error of somebody's code says


def is_import_name(name: str) -> bool:
    """Whether a name means an attribute of a module, and no registered network."""
    return ":" in name


def imported(name: str, folder: Path | None = None) -> nn.Module:
    """The module that a name leads to. Its file is run, as `import` does: name only code that you trust.

    Args: name: `package.module:attribute`, where the attribute, which may have dots, is an `nn.Module`, or a class or
              function that gives one when it is called without arguments.
          folder: looked in first, before the PYTHONPATH; None for the current one.
    Raises: ValueError, in one sentence, if the name has another form, nothing can be imported by it, or what it leads
        to is no module and gives none.
    """
    place, _, attribute = name.partition(":")
    if not all(part.isidentifier() for part in [*place.split("."), *attribute.split(".")]):
        raise ValueError(f"expected a name such as my_module:network, got {name!r}")
    found: Any = _import(place, (folder or Path.cwd()).resolve())
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ValueError(f"the module {place} has no {attribute}; it has {_public(found)}") from None
    return _network(found, name)


def first_line(error: BaseException) -> str:
    """What an error of somebody's code says, in one line: its kind and the first line of its message."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …").removesuffix(".")


def _import(place: str, folder: Path) -> Any:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))  # an installed command does not look in the current folder by itself
    try:
        return importlib.import_module(place)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and (place == missing or place.startswith(f"{missing}.")):
            raise ValueError(f"there is no module {missing} in {folder} or on the PYTHONPATH") from None
        raise ValueError(f"the module {place} cannot be imported: {first_line(error)}") from error


def _network(found: Any, name: str) -> nn.Module:
    if isinstance(found, nn.Module):
        return found
    given = found
    if callable(found):
        try:
            given = found()
        except (Exception, SystemExit) as error:
            raise ValueError(f"{name} cannot be called without arguments: {first_line(error)}") from error
    if isinstance(given, nn.Module):
        return given
    what = f"gives a {type(given).__name__}" if callable(found) else f"is a {type(found).__name__}"
    raise ValueError(f"{name} must be a torch.nn.Module, or a function that returns one; it {what}")


def _public(found: Any) -> str:
    names = [name for name in vars(found) if not name.startswith("_")] if hasattr(found, "__dict__") else []
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "") or "nothing"
