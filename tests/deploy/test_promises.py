"""SECURITY.md names tests that are there; CI runs actions of named commits; licences and citation say what is so."""

import importlib.util
import re

import pytest
import yaml

import equiscope

TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
USES = re.compile(r"uses: (\S+)(.*)")


def test_every_promise_names_a_test_that_is_there(root):
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| `tests/.*$", text, re.MULTILINE)
    named = TEST.findall(text)
    assert len(named) == len(rows) > 10
    for path, name in named:
        assert f"\ndef {name}(" in (root / path).read_text(encoding="utf-8"), f"{path}::{name}"


def test_actions_are_those_of_a_commit(root):
    """A tag can be moved to other code; the comment says which version the commit was."""
    used = [each for path in (root / ".github" / "workflows").glob("*.yml") for each in USES.findall(path.read_text())]
    assert len(used) >= 3
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_the_citation_names_this_version_and_licence(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == equiscope.__version__
    assert citation["license"] == "MIT"
    assert (root / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert citation["authors"][0]["name"] in (root / "LICENSE").read_text(encoding="utf-8")


def test_each_template_asks_something(root):
    folder = root / ".github" / "ISSUE_TEMPLATE"
    templates = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yml")]
    forms = [each for each in templates if "blank_issues_enabled" not in each]
    assert len(forms) == len(templates) - 1 >= 2
    for form in forms:
        assert form["name"]
        assert form["description"]
        assert any(field.get("validations", {}).get("required") for field in form["body"])


@pytest.fixture(scope="module")
def licences(root):
    spec = importlib.util.spec_from_file_location("licences", root / "deploy" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_that_is_locked_has_a_licence(root, licences, capsys):
    licences.main([])
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    locked = re.findall(r"^(\S+)==", (root / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    here = [name for name in locked if name in lines]  # another platform lacks some and has others
    assert len(here) > len(locked) - 5
    assert not [lines[name] for name in here if "not said" in lines[name]]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"License-Expression": "MIT", "License": "x"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License", "License": "x"}, "BSD License"),
        ({"License": "Apache 2\nand so on"}, "Apache 2"), ({"License": "UNKNOWN"}, "not said in its metadata"),
        ({}, "not said in its metadata"),
    ],
)  # fmt: skip
def test_a_licence_is_read_where_it_stands(licences, said, expected):
    from email.message import Message
    from types import SimpleNamespace

    metadata = Message()
    for name, value in said.items():
        metadata[name] = value
    assert licences.licence(SimpleNamespace(metadata=metadata)) == expected
