"""The test digits of MNIST, by their index in its file."""

from jaxtyping import Float
from torch import Tensor

from core.data.mnist import download_mnist, is_available, load_mnist
from core.data.sources.source import NOTHING_KEPT, Code, Pictures, Progress, Source, Store, WholeNumber
from core.resampling import rescale

_COUNT = 10_000
_IMPORTS = ("from core.data.mnist import load_mnist", "from core.resampling import rescale")


class Mnist(Source):
    """Test digits; a name is an index from 0. Their size is changed by resampling (bicubic)."""

    key, title, title_of_many = "mnist", "MNIST", "MNIST test digits"
    fields = (WholeNumber("mnist", "Test image, 0 to 9999", 0, _COUNT - 1),)
    count, download_title = _COUNT, "Download MNIST (11 MB)"

    def is_available(self) -> bool:
        return is_available()

    def download(self, progress: Progress) -> None:
        download_mnist(progress=progress)

    def check(self, name: str) -> str:
        if not (name.isascii() and name.isdigit() and int(name) < _COUNT):
            raise ValueError(f"an MNIST test digit is a number from 0 to {_COUNT - 1}, got {name!r}")
        return name

    def title_of(self, name: str) -> str:
        return f"MNIST test image {self.check(name)}"

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 1 28 28"]:
        return rescale(load_mnist("test").images[int(self.check(name))][None].float() / 255, data_scale)

    def first(self, count: int, data_scale: float = 1.0, drawn: bool = False, start: int = 0) -> Pictures:
        if drawn:
            raise ValueError("a digit of MNIST has no strokes, so it cannot be drawn again")
        return rescale(load_mnist("test").images[start:count].float() / 255, data_scale)

    def name_at(self, place: int) -> str:
        return str(place)

    def label_of(self, name: str) -> int:
        return int(load_mnist("test").labels[int(self.check(name))])

    def values_of(self, name: str) -> dict[str, str | int]:
        return {"mnist": int(self.check(name))}

    def code_of_one(self, name: str, data_scale: float) -> Code:
        index = int(self.check(name))
        return Code(
            _IMPORTS, (f"digits = rescale(load_mnist('test').images[{index}][None].float() / 255, {data_scale!r})",)
        )

    def code_of_first(self, count: int, data_scale: float) -> Code:
        return Code(_IMPORTS, (f"digits = rescale(load_mnist('test').images[:{count}].float() / 255, {data_scale!r})",))
