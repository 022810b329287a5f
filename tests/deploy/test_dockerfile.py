"""What the Dockerfile and compose.yaml say, tried as far as it goes without Docker (deploy/check_dockerfile.py)."""

import importlib.util
import json
import re
import subprocess
import sys

import pytest
import yaml

from pages.hosting.guards import guards
from tests.browser.running import free_port
from tests.test_package import tracked
from tests.waiting import PATIENCE, until

DRAW = """
from streamlit.testing.v1 import AppTest
drawn = AppTest.from_file("app.py", default_timeout={patience}).run()
assert not drawn.exception, drawn.exception
assert len(drawn.main) > 0
"""


def module_of(root, name):
    spec = importlib.util.spec_from_file_location(name, root / "deploy" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def check(root):
    return module_of(root, "check_dockerfile")


@pytest.fixture(scope="module")
def steps(root, check):
    return check.steps((root / "Dockerfile").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def image(check, steps, tmp_path_factory):
    """The folder that stands for /app."""
    folder = tmp_path_factory.mktemp("image") / "app"
    check.copy(steps, folder)
    return folder


def test_the_image_has_a_pinned_base_no_root_and_one_command(check, steps):
    assert steps[0][0] == "FROM"
    assert re.fullmatch(r"python:3\.11-slim-\w+", steps[0][1])
    order = [instruction for instruction, _ in steps]
    assert check.those(steps, "USER") == ["equiscope"]
    assert order.index("USER") > max(i for i, each in enumerate(order) if each in ("RUN", "COPY"))
    (command,) = map(json.loads, check.those(steps, "CMD"))
    assert command[:5] == ["python", "-m", "streamlit", "run", "server.py"]
    assert command[5:] == ["--server.address", "0.0.0.0", "--server.port", *check.those(steps, "EXPOSE")]


def test_packages_come_through_the_lock(check, steps):
    (installing,) = [rest for rest in check.those(steps, "RUN") if "install" in rest]
    assert "python deploy/lock.py install requirements" in installing
    assert not any("pip install" in rest for rest in check.those(steps, "RUN"))


def test_all_that_the_app_needs_is_copied_and_nothing_else(root, image):
    program = tracked(root, "core", "pages", "components", "assets")
    needed = {path for path in program if path.endswith(".py") or not path.startswith("components/")}
    needed |= {"app.py", "server.py", ".streamlit/config.toml", "deploy/health.py", "deploy/lock.py"}
    needed |= {"requirements.txt", "requirements.lock"}
    there = {path.relative_to(image).as_posix() for path in image.rglob("*") if path.is_file()}
    assert needed <= there, sorted(needed - there)
    assert {path for path in there - needed if ".part" not in path} == set(), "not what git knows"


def test_secrets_and_tests_are_not_even_sent(check, tmp_path, root):
    for path in ("core/a.py", "core/__pycache__/a.pyc", "core/b.pyc", "app.py", "components/x/y.py",
                 "components/x/y.js", "assets/a/b.json", "assets/.a.part", ".streamlit/config.toml",
                 ".streamlit/secrets.toml", ".env",
                 "tests/test_a.py", "corex/a.py", "deploy/lock.py", "deploy/nginx.conf"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / ".dockerignore").write_bytes((root / ".dockerignore").read_bytes())
    assert check.context(tmp_path) == {
        "core/a.py", "app.py", "components/x/y.py", "assets/a/b.json", ".streamlit/config.toml", "deploy/lock.py"
    }  # fmt: skip


def test_a_source_that_is_missing_is_named(check, tmp_path, root):
    with pytest.raises(ValueError, match=r"COPY tests tests: tests is not there, or \.dockerignore keeps it out"):
        check.copy([("COPY", "tests tests")], tmp_path, root)


@pytest.mark.slow
def test_the_copy_alone_draws_the_first_page(image, tmp_path):
    drawing = DRAW.format(patience=PATIENCE)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    drawn = subprocess.run(
        [sys.executable, "-c", drawing], cwd=image, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert drawn.returncode == 0, drawn.stderr[-2000:]


@pytest.mark.slow
def test_the_copy_serves_is_healthy_and_writes_nothing_beside_itself(check, steps, image, tmp_path):
    check.compile_sources(steps, image)
    before, port = check.contents(image), free_port()
    assert any(path.endswith(".pyc") for path in before)
    assert not check.is_healthy(steps, image, port)
    with check.started(steps, image, tmp_path, port) as process:
        until(lambda: check.is_healthy(steps, image, port) or process.poll() is not None)
        assert process.poll() is None, (tmp_path / "app.log").read_text()
    assert check.contents(image) == before


@pytest.mark.parametrize("hosts", ["", "class.example.org", " , *.hf.space,localhost", "*"])
def test_the_health_check_names_a_host_that_is_answered(root, hosts):
    (guard,) = guards({"EQUISCOPE_HOSTS": hosts})
    host = module_of(root, "health").allowed_host({"EQUISCOPE_HOSTS": hosts})
    assert guard.cls(None, **guard.kwargs).knows(host)


def test_compose_puts_the_proxy_before_the_app_and_lets_nobody_write(root):
    services = yaml.safe_load((root / "compose.yaml").read_text(encoding="utf-8"))["services"]
    conf = (root / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    app, proxy = services["app"], services["proxy"]
    assert f"server app:{app['expose'][0]};" in conf
    assert "ports" not in app, "only the proxy is reached from outside"
    assert proxy["ports"][0].endswith(":" + re.search(r"listen (\d+)", conf)[1])
    (mounted,) = proxy["volumes"]
    source, target, mode = mounted.split(":")
    assert (root / source).is_file()
    assert target in proxy["command"]
    assert mode == "ro"
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["tmpfs"][0].startswith("/tmp:")
