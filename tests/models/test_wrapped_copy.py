"""`wrap` leaves the caller's module and images as they are, and takes them as they are."""

import copy
import threading
import warnings
from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.equivariance import measure
from core.models import wrap
from core.models.recording import Recorder, watch
from tests.models.foreign_cases import NETWORKS

SEEN: list[Tensor] = []


def state(module: nn.Module) -> list[Tensor]:
    return [each.detach().clone() for each in (*module.parameters(), *module.buffers())]


@pytest.mark.parametrize("name", ["vgg", "resnet", "in place", "old normalisations", "half", "parametrised", "vit"])
def test_nothing_of_the_module_changes(name):
    case = NETWORKS[name]
    module = case.make()
    for i, part in enumerate(module.modules()):
        part.training = i % 2 == 0
    before, flags = state(module), [part.training for part in module.modules()]
    hooks = [dict(part._forward_hooks) for part in module.modules()]
    attributes = [set(part.__dict__) for part in module.modules()]
    random = torch.get_rng_state()
    network = wrap(module, canvas=case.canvas)
    images = torch.rand(1, network.channels, case.canvas, case.canvas)
    torch.set_rng_state(random)
    kept = images.clone()
    network.features(images)
    network(images)
    assert torch.equal(images, kept)
    for one, other in zip(state(module), before, strict=True):
        assert torch.equal(one, other)
    assert [part.training for part in module.modules()] == flags
    assert [dict(part._forward_hooks) for part in module.modules()] == hooks
    assert [set(part.__dict__) for part in module.modules()] == attributes
    assert torch.equal(torch.get_rng_state(), random)
    memory = {each.data_ptr() for each in (*module.parameters(), *module.buffers())}
    assert not memory & {each.data_ptr() for each in (*network.module.parameters(), *network.module.buffers())}


def test_hooks_run_on_the_copy_and_write_into_copies():
    module, mine = nn.Sequential(nn.Conv2d(1, 2, 3)), []
    module.register_forward_hook(lambda _module, _inputs, out: mine.append(out))
    module.register_forward_hook(lambda _module, _inputs, out: SEEN.append(out))
    module[0].register_forward_hook(lambda _module, _inputs, out: 2 * out)
    found = wrap(module).features(torch.rand(1, 1, 28, 28))["0"]
    assert (mine, SEEN) == ([], [])
    assert len(module._forward_hooks) == 2
    del found


def test_a_hook_that_changes_an_answer_counts():
    module = nn.Sequential(nn.Conv2d(1, 2, 3))
    module[0].register_forward_hook(lambda _module, _inputs, out: 2 * out)
    images = torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(wrap(module).features(images)["0"].values, module(images))


def test_what_deepcopy_refuses_is_copied():
    module = NETWORKS["old normalisations"].make()
    module.lock = threading.Lock()
    with pytest.raises((RuntimeError, TypeError)):
        copy.deepcopy(module)
    network = wrap(module)
    images = torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(network(images), module.eval()(images))


def test_an_in_place_first_step_makes_no_error():
    report = measure(wrap(NETWORKS["in place"].make()), images := torch.rand(2, 1, 28, 28), (1.0,), canvas="image")
    assert report.error.max() <= 1e-6
    assert 0 <= images.min() <= images.max() <= 1


def test_torchscript_is_named_and_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scripted = torch.jit.script(nn.Conv2d(1, 2, 3))
    for module, what in ((scripted, "the module is TorchScript"), (nn.Sequential(scripted), "its part '0' is")):
        with pytest.raises(ValueError, match=what) as refusal:
            wrap(module)
        assert "\n" not in str(refusal.value)


def test_a_compiled_module_that_has_run_is_the_one_it_was_made_from():
    plain = nn.Sequential(nn.Conv2d(1, 2, 3, 2, 1), nn.ReLU())
    compiled = torch.compile(plain, backend="eager")
    images = torch.rand(1, 1, 28, 28)
    answer = compiled(images)
    network = wrap(compiled)
    assert network.layers == ("0", "1")
    torch.testing.assert_close(network.features(images)["1"].values, answer)
    plain.compile(backend="eager")
    assert wrap(plain).layers == ("0", "1")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("given", [torch.float32, torch.float64])
def test_images_and_modules_of_any_type(dtype, given):
    module = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU()).to(dtype)
    images = torch.rand(2, 1, 28, 28, dtype=given)
    found = wrap(module).features(images)["0"].values
    expected = module[0](images.to(dtype))
    assert found.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(found, expected.to(found.dtype))
    assert images.dtype == given


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("transform", ["scale", "rotation", "translation"])
def test_any_number_of_channels_on_any_canvas(channels, transform):
    module = nn.Sequential(nn.Conv2d(channels, 4, 5, 2, 2, bias=False), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
    network = wrap(module)
    assert network.channels == channels
    images = torch.rand(2, channels, 40, 56)
    amounts = {"scale": (1.0, 0.8), "rotation": (0.0, 90.0), "translation": (0.0, 4.0)}[transform]
    report = measure(network, images, amounts, transform=transform)
    assert report.error[:, 0].max() <= 1e-5
    assert report.error[0, 1] > 0.01 or transform == "translation"
    grey = measure(network, images[:, :1], amounts, transform=transform)
    assert grey.per_image.shape == report.per_image.shape
    with pytest.raises(ValueError, match=r"expected images \(b, "):
        network.features(torch.rand(1, channels + 1, 28, 28))


class Restless(nn.Module):
    """A dropout that is always on."""

    def forward(self, x):
        return F.dropout(x, 0.5, training=True)


class OfTheBatch(nn.Module):
    """A norm over the batch, without running statistics."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4, track_running_stats=False)

    def forward(self, x):
        return self.norm(self.conv(x))


class Remembering(nn.Module):
    """Its answer depends on the images before."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.register_buffer("memory", torch.zeros(1, 1, 1, 1))

    def forward(self, x):
        self.memory += 1
        return self.conv(x) * self.memory


def restless() -> Iterator[nn.Module]:
    yield nn.Sequential(nn.Conv2d(1, 4, 3), Restless())
    yield OfTheBatch()
    yield Remembering()
    yield nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), Restless())  # behind the last map


class Rounding(nn.Module):
    """Its answer depends on the images beside by what float32 rounds, and is large: 1e-3."""

    def forward(self, x):
        return (x + 1e4 * len(x)) - 1e4 * len(x)


def test_what_rounding_changes_is_a_function_of_its_image():
    network = wrap(nn.Sequential(nn.Conv2d(1, 4, 3), Rounding(), nn.ReLU()))
    assert network.layers == ("0", "1", "2")
    with pytest.raises(ValueError, match="no function of its image"):
        wrap(nn.Sequential(Rounding(), OfTheBatch()))


@pytest.mark.parametrize("module", restless())
def test_what_is_no_function_of_its_image_is_refused(module):
    with pytest.raises(ValueError, match="no function of its image"):
        wrap(module)


def test_a_dropout_that_can_be_switched_off_is():
    assert wrap(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Dropout(0.9)).train()).layers == ("0",)


def test_several_threads_share_one_network():
    network = wrap(NETWORKS["resnet"].make(), canvas=64)
    images = torch.rand(4, 3, 64, 64)
    alone = [network.features(image[None])["layers.1.add()"].values for image in images]
    found: list[Tensor | None] = [None] * 4

    def work(i: int) -> None:
        for _ in range(5):
            found[i] = network.features(images[i : i + 1])["layers.1.add()"].values

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, found, strict=True):
        torch.testing.assert_close(one, other)


def test_a_pass_that_nobody_asked_for_is_not_recorded():
    module = nn.Sequential(nn.Conv2d(1, 2, 3))
    watch(module)
    with Recorder() as recorder:
        module(torch.rand(1, 1, 8, 8))
    module(torch.rand(1, 1, 8, 8))
    assert list(recorder.found) == ["0"]
