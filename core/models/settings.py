"""Configurations with single values replaced, by name."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from core.scales import ScaleSet

Config = TypeVar("Config")

# Fields that hold a set of internal scales: those that kernels have, and those that learning starts from. Beside each
# stand the names of smallest scale, range and number, which together are shorthand for a set in equal steps.
_SETS: Mapping[str, tuple[str, str, str]] = {
    "internal_scales": ("sigma_basis", "isr", "num_scales"),
    "initial_scales": ("initial_sigma_basis", "initial_isr", "num_scales"),
}


def with_settings(config: Config, **settings: Any) -> Config:
    """`config` with other values.

    Args: settings: any of `setting_names`. A set of internal scales may be any sequence of numbers; where it is not
              given, `sigma_basis`, `isr` and `num_scales` (`initial_sigma_basis` and `initial_isr` of learned scales)
              make a log-uniform one, and those not named are those of the set that `config` has.
    Raises: TypeError for an unknown setting; ValueError for a set of scales named in both ways, or as ScaleSet.
    """
    field = _set_of(config)
    if field:
        settings = _with_set(settings, field, getattr(config, field))
    return replace(config, **settings)  # type: ignore[type-var]


def setting_names(config: Any) -> set[str]:
    """What `with_settings` takes: the fields of the configuration, and the shorthand for its set of scales."""
    field = _set_of(config)
    return _fields(config) | set(_SETS[field] if field else ())


def _set_of(config: Any) -> str | None:
    return next((each for each in _SETS if each in _fields(config)), None)


def _fields(config: Any) -> set[str]:
    return {field.name for field in fields(config)} if is_dataclass(config) else set()


def _with_set(settings: Mapping[str, Any], field: str, usual: ScaleSet) -> dict[str, Any]:
    """The settings with the set of scales in its own field."""
    named = {each: settings[each] for each in _SETS[field] if each in settings}
    others = {each: value for each, value in settings.items() if each not in named}
    if not named:
        return others | ({field: ScaleSet(others[field])} if field in others else {})
    if field in others:
        raise ValueError(f"name a set of scales once, as {field} or by {', '.join(named)}")
    values = dict(zip(_SETS[field], (usual.smallest, usual.isr, len(usual)), strict=True)) | named
    return others | {field: ScaleSet.log_uniform(*values.values())}
