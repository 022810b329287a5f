"""What of the maps of a digit is kept while its stack is made, amount by amount."""

from dataclasses import replace

from core.models import FeatureMap, Features


class KeptMaps:
    """What of the maps of an amount is kept for a stack: all of them at many amounts can be gigabytes, and memory that
    no map had before costs as much time as a map.

    Args: layer: kept with all channels. few: channels of each other layer. largest: whether that is wanted. whole:
        whether of the layer more is kept than what is shown of a wide canvas.
    Attributes: largest: absolute value of all that was shown of maps that came by; 0 if it was not wanted.
    """

    def __init__(self, layer: str, few: int, largest: bool = False, whole: bool = True):
        self._layer, self._few, self._whole, self._wants_largest, self.largest = layer, few, whole, largest, 0.0

    def __call__(self, features: Features, window: int | None = None) -> Features:
        """Args: window: image pixels that are shown of a wide canvas."""
        shown = {name: found if window is None else found.window(window) for name, found in features.items()}
        if self._wants_largest:
            self.largest = max(self.largest, *(float(found.values.abs().max()) for found in shown.values()))
        return {
            name: self._of(features[name] if self._whole and name == self._layer else found, name)
            for name, found in shown.items()
            if name == self._layer or self._few
        }

    def _of(self, found: FeatureMap, name: str) -> FeatureMap:
        return replace(found, values=found.values[:, self._channels(name)].clone())

    def _channels(self, name: str) -> slice:
        return slice(None) if name == self._layer else slice(self._few)


class OneChannel(KeptMaps):
    """Of a wide canvas the one channel of a layer that is shown, all of whose map is read to put it back.

    Args: channel: that is asked for, or None for the strongest of what is shown of Φ(x).
    Attributes: channel: that is kept, counted from 0; None where all are.
    """

    def __init__(self, layer: str, channel: int | None, largest: bool):
        super().__init__(layer, few=0, largest=largest)
        self._asked = channel
        self.channel: int | None = None

    def __call__(self, features: Features, window: int | None = None) -> Features:
        if window is not None and self.channel is None:  # x comes first
            shown = features[self._layer].window(window)
            self.channel = channel_shown(shown, self._asked)
        return super().__call__(features, window)

    def _channels(self, name: str) -> slice:
        return slice(None) if self.channel is None else slice(self.channel, self.channel + 1)


def channel_shown(before: FeatureMap, asked: int | None) -> int:
    """The channel that is asked for, or the last if there are fewer; else that which Φ(x) answers with most energy."""
    if asked is not None:
        return min(asked, before.values.shape[1] - 1)
    return int(before.values[0].flatten(1).square().sum(dim=1).argmax())
