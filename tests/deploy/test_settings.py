"""docs/deploy.md: one table of all settings, and commands that name what is there."""

import re
import subprocess

import pytest
import yaml

NAME = re.compile(r"EQUISCOPE_[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
ROW = re.compile(r"^\| `(EQUISCOPE_\w+)` \|", re.MULTILINE)
MADE_UP = {"EQUISCOPE_ANY", "EQUISCOPE_TEST"}  # by tests, of reading a variable and of processes


@pytest.fixture(scope="module")
def text(root) -> str:
    return (root / "docs" / "deploy.md").read_text(encoding="utf-8")


def names_in(root, *places: str) -> set[str]:
    """Variables that the files below these places name, as git tracks them or would."""
    listing = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "--", *places]
    listed = subprocess.run(listing, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git repository")
    files = [root / path for path in listed.stdout.splitlines() if (root / path).is_file()]
    assert files
    return {name for file in files for name in NAME.findall(file.read_bytes().decode(errors="ignore"))}


def test_the_tables_and_the_code_name_the_same_settings(root, text):
    of_app, of_tests = text.split("Of the tests only:")
    app = names_in(root, "core", "pages", "components", "equiscope", "benchmarks", "app.py", "server.py")
    tests = names_in(root, "tests", ".ci", "Makefile") - app - MADE_UP
    assert len(app) >= 6
    assert sorted(ROW.findall(of_app)) == sorted(app)
    assert sorted(ROW.findall(of_tests)) == sorted(tests)


def test_what_is_deployed_sets_no_other(root, text):
    assert names_in(root, "deploy", "compose.yaml", "Dockerfile") <= set(
        ROW.findall(text.split("Of the tests only:")[0])
    )


def test_the_commands_name_what_is_there(root, text):
    for path in ("compose.yaml", "deploy/nginx.conf", "Dockerfile", "deploy/huggingface-README.md", "app.py",
                 "deploy/check_dockerfile.py", "requirements.lock"):  # fmt: skip
        assert f"`{path}" in text or f" {path}" in text, path
        assert (root / path).is_file(), path
    assert "$(ADDRESS)" in (root / "Makefile").read_text(encoding="utf-8")
    assert "${PROCESSES:-2}" in (root / "compose.yaml").read_text(encoding="utf-8")


def test_its_numbers_are_those_of_the_proxy(root, text):
    conf = (root / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for said, pattern in (
        ("has {} requests or visits at once", r"limit_conn connections (\d+);"),
        ("{} requests a second", r"rate=(\d+)r/s"),
        ("after the first {}", r"burst=(\d+)"), ("An upload has {} MB", r"client_max_body_size (\d+)m"),
    ):  # fmt: skip
        assert said.format(f"{int(re.search(pattern, conf)[1]):,}") in text


def test_a_space_builds_the_image_and_asks_its_port(root):
    _, front, _ = (root / "deploy" / "huggingface-README.md").read_text(encoding="utf-8").split("---\n", 2)
    found = yaml.safe_load(front)
    assert found["sdk"] == "docker"
    assert f"EXPOSE {found['app_port']}\n" in (root / "Dockerfile").read_text(encoding="utf-8")
    assert len(found["short_description"]) <= 60
