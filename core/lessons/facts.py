"""What the formulas of a lesson may name, computed by core for the view that a step shows.

| fact | what it is |
|---|---|
| `s`, `turn`, `shift` | the amount of the step's transform |
| `error[layer]`, `error[layer, amount]` | relative L2 equivariance error of the network |
| `other[…]` | the same of the network beside it |
| `cost[…]` | what resampling costs the same map |
| `image_cost`, `image_cost[amount]` | what it costs the image |
| `label`, `reads`, `reads[amount]`, `other_reads…` | the digit, and what a network takes it for |
| `strongest[layer, amount]` | octaves by which the winning internal scale has moved |
| `test_error[network]` | of the shipped weights, %, trained on all sizes |
| `misread[network, size]` | % of digits of a size that it misreads, trained on one size |
| `kl[n]` | nats between the data of 1 to 4.76 and the best mixture of n internal scales |
| `fitted[n, k]` | the data scale (×) that the k-th of these serves best, k from 1 |
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

import numpy as np

from core.checkpoints import read_card
from core.data.sources import SOURCES, Pictures
from core.equivariance import EquivarianceReport, argmax_scale, measure, readings_of_many
from core.lessons.expression import Fact, Key
from core.models import MODELS, Network, load
from core.results.by_size import FOLDER
from core.results.findings import ONE_SIZE, size_curves
from core.results.study import read_runs
from core.tolerance import DataScales, fit
from core.transforms import EXACT, TRANSFORMS

_USUAL = {"network": "sesn_vector", "transform": "scale", "resampler": "bicubic", "size": "0.7"}
_DATA = (1.0, 4.76)


class Facts(Mapping[str, Fact]):
    """Facts of one view, each computed when it is first asked for.

    Args: parameters: of the link, by name; what it leaves out is as on the pages.
    Raises: ValueError for a network, transform, resampler, digit or number that there is not.
    """

    def __init__(self, parameters: Mapping[str, str]):
        self._given = {**_USUAL, **parameters}
        self.transform = self._one_of("transform", TRANSFORMS)
        self.network_key = self._key("network")
        self.other_key = self._key("other") if "other" in self._given else ""
        self.source = self._one_of("source", SOURCES) if "source" in self._given else SOURCES["vector"]
        self._facts = self._table()

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def amount(self) -> float:
        """Of the transform, as the link says."""
        return self._number(self.transform.parameter, self.transform.usual)

    def _table(self) -> dict[str, Fact]:
        facts: dict[str, Fact] = {
            self.transform.parameter: _alone(lambda: self.amount),
            "error": lambda key: self._error(self.network_key, key),
            "cost": lambda key: self._cost(key),
            "image_cost": lambda key: float(self._report(self.network_key, self._amount_of(key), True).image_cost[0]),
            "reads": lambda key: self._reads(self.network_key, key),
            "label": _alone(lambda: float(self.source.label_of(self._name))),
            "strongest": self._strongest,
            "test_error": _test_error,
            "misread": _misread,
            "kl": _kl,
            "fitted": _fitted,
        }
        if self.other_key:
            facts["other"] = lambda key: self._error(self.other_key, key)
            facts["other_reads"] = lambda key: self._reads(self.other_key, key)
        return facts

    def _error(self, key: str, of: Key) -> float:
        layer, amount = _layer(of), self._amount_of(of[1:])
        report = self._report(key, amount)
        return float(report.error[_place(report, layer), 0])

    def _cost(self, of: Key) -> float:
        layer, amount = _layer(of), self._amount_of(of[1:])
        report = self._report(self.network_key, amount, True)
        return float(report.cost[_place(report, layer), 0])

    def _reads(self, key: str, of: Key) -> float:
        found = readings_of_many(_network(key), self._pictures, [self._amount_of(of)], *self._how)
        return float(found[0, 0].argmax())

    def _strongest(self, of: Key) -> float:
        layer, amount = _layer(of), self._amount_of(of[1:])
        found = argmax_scale(_network(self.network_key), self._pictures, [amount], layer, self._given["resampler"])
        return float(found.mean_log2_scale[0] - np.mean(found.at_rest))

    def _report(self, key: str, amount: float, costs: bool = False) -> EquivarianceReport:
        return _report(key, self.source.key, self._name, self._number("size", 0.7), amount, *self._how, costs)

    @property
    def _how(self) -> tuple[str, str]:
        return self._given["resampler"], self.transform.key

    @cached_property
    def _name(self) -> str:
        fields = {each.key: self._given.get(each.key, each.usual) for each in self.source.fields}
        return self.source.check(self.source.name_of(fields))

    @property
    def _pictures(self) -> Pictures:
        return self.source.pictures(self._name, self._number("size", 0.7), self._given["resampler"] == EXACT)

    def _amount_of(self, key: Key) -> float:
        if not key:
            return self.amount
        (amount,) = key
        if isinstance(amount, str):
            raise ValueError(f"an amount is a number, got {amount!r}")
        return amount

    def _number(self, name: str, usual: float) -> float:
        text = self._given.get(name, usual)
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"{name} must be a number, got {text!r}") from None

    def _key(self, name: str) -> str:
        self._one_of(name, MODELS)
        return self._given[name]

    def _one_of(self, name: str, table: Mapping):  # type: ignore[no-untyped-def]
        key = self._given[name]
        if key not in table:
            raise ValueError(f"there is no {name} {key!r}; there are {', '.join(table)}")
        return table[key]


@lru_cache(maxsize=8)
def _network(key: str) -> Network:
    return load(key)


@lru_cache(maxsize=256)
def _report(
    key: str, source: str, name: str, data_scale: float, amount: float, resampler: str, transform: str, costs: bool
) -> EquivarianceReport:
    """Of one digit at one amount; steps of a lesson ask for the same again and again."""
    pictures = SOURCES[source].pictures(name, data_scale, resampler == EXACT)
    return measure(_network(key), pictures, [amount], resampler, transform, costs=costs)


def _test_error(of: Key) -> float:
    (network,) = of
    return read_card(str(network), "small").test_error


def _misread(of: Key) -> float:
    network, size = of
    for curve in size_curves(read_runs(FOLDER / "study.csv"), ONE_SIZE):
        if curve.network == network:
            place = int(np.argmin([abs(scale - float(size)) for scale in curve.data_scales]))
            return curve.errors[place].mean
    raise ValueError(f"the study has no network {network!r} that was trained on one size")


def _kl(of: Key) -> float:
    (count,) = of
    data = DataScales.log_uniform(*_DATA)
    return float(fit(data, int(count)).kl(data))


def _fitted(of: Key) -> float:
    count, place = (int(each) for each in of)
    return float(fit(DataScales.log_uniform(*_DATA), count).centres[place - 1])


def _alone(value: Callable[[], float]) -> Fact:
    def fact(key: Key) -> float:
        if key:
            raise ValueError(f"it takes nothing in brackets, got {key}")
        return value()

    return fact


def _layer(key: Key) -> str:
    if not key or not isinstance(key[0], str):
        raise ValueError(f"a layer must stand first in the brackets, got {key}")
    return key[0]


def _place(report: EquivarianceReport, layer: str) -> int:
    if layer not in report.layers:
        raise ValueError(f"there is no layer {layer!r}; there are {', '.join(report.layers)}")
    return report.layers.index(layer)
