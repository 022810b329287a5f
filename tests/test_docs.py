"""What `make docs` will build: its pages are there, links lead somewhere, the reference names what can be imported."""

import importlib
import importlib.util
import re

import pytest
import yaml

from core.lessons import LESSONS

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
THINGS = ("network", "transform", "resampler", "source of digits", "chart", "page", "term", "component", "lesson")


@pytest.fixture(scope="module")
def pages(root):
    """docs/reference_pages.py as a module."""
    spec = importlib.util.spec_from_file_location("reference_pages", root / "docs" / "reference_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def settings(root):
    return yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))


def test_every_page_of_the_menu_is_there(root, settings):
    named = [page for entry in settings["nav"] for page in entry.values()]
    of_readers = {"researchers.md", "presenters.md", "cite.md"}
    assert {"index.md", "architecture.md", "adding.md", "deploy.md", "seeds.md"} | of_readers == set(named)
    assert all((root / "docs" / page).is_file() for page in named)
    assert all((root / hook).is_file() for hook in settings["hooks"])


def test_building_is_strict_and_nothing_comes_from_another_host(root, settings):
    assert settings["strict"] is True
    assert settings["theme"]["font"] is False
    assert not {"extra_javascript", "extra_css", "repo_url"} & set(settings)
    picture = (root / "docs" / "architecture.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"\s<]+", picture)) == {"http://www.w3.org/2000/svg"}


def test_links_between_pages_lead_somewhere(root, pages):
    generated = {f"reference/{name}.md" for name in (*pages.parts(), "index")} | {"teaching.md"}
    for path in (root / "docs").rglob("*.md"):
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            assert target in generated or (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_decision_is_in_the_menu_once(root, pages):
    decisions = pages.decisions()
    assert len(decisions) == len(list((root / "docs" / "decisions").glob("*.md"))) >= 9
    assert all(re.match(r"\d+\.? \S", title) for title in decisions), list(decisions)


def test_teachers_have_an_address_for_every_step(pages):
    text = pages.teaching()
    for lesson in LESSONS.values():
        for step in lesson.steps:
            assert f"`/learn?lesson={lesson.id}&step={step.id}`: {step.text}" in text


def test_the_reference_names_every_module_of_core_and_all_of_them_import(root, pages):
    modules = {module for part in pages.parts() for module in pages.modules(part)}
    paths = {path for path in (root / "core").rglob("*.py") if path.stem != "__main__"} - {
        root / "core" / "__init__.py"
    }
    assert len(modules) == len(paths) > 80
    for module in sorted(modules):
        assert importlib.import_module(module).__doc__, module
        assert all(hasattr(importlib.import_module(module), name) for name in pages.names_of(module)), module


def test_a_page_of_a_package_describes_its_modules(pages):
    page = pages.page("tolerance")
    assert page.startswith("# core.tolerance\n\n::: core.tolerance\n")
    assert "`fit_jointly`" in page
    assert "\n## core.tolerance.mixture\n\n::: core.tolerance.mixture\n" in page
    assert pages.page("scales") == "# core.scales\n\n::: core.scales\n"


def test_it_says_how_to_add_each_thing_that_grows(root):
    headings = re.findall(r"^## (?:A|An) (.+)$", (root / "docs" / "adding.md").read_text(encoding="utf-8"), re.M)
    assert sorted(headings) == sorted(THINGS)


def test_every_line_of_a_source_says_whether_it_is_reproduced_and_where(root):
    lines = [line for line in (root / "docs" / "seeds.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = [line.strip("| ").split(" | ") for line in lines if not line.startswith("| figure or table")]
    assert len(rows) > 35
    for row in rows:
        assert len(row) == 3, row
        assert row[1] in ("reproduced", "partly", "not"), row
        assert len(row[2]) > 20, row


def test_what_the_sources_name_is_there(root):
    """Modules that can be imported, commands that can be run, and parts of /results."""
    text = (root / "docs" / "seeds.md").read_text("utf-8")
    named = set(re.findall(r"(core(?:\.\w+)+)", text))
    assert {"core.results.park", "core.results.dss_residual", "core.training.stl10"} <= named
    for name in named:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            module, _, attribute = name.rpartition(".")
            assert hasattr(importlib.import_module(module), attribute), name
    page = (root / "pages" / "_results.py").read_text("utf-8")
    opened = set(re.findall(r"open_(\w+)=1", text))
    assert {"shrunk", "deep", "published"} <= opened
    assert all(f'"{part}"' in page for part in opened)


def test_how_to_cite_says_what_the_citation_file_says(root):
    known = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    text = (root / "docs" / "cite.md").read_text(encoding="utf-8")
    for part in ("title", "version", "license"):
        assert f"{{{known[part]}}}" in text
    assert all(f"{{{{{author['name']}}}}}" in text for author in known["authors"])


def test_the_latest_release_of_the_changelog_is_this_version(root):
    released = re.findall(r"^## \[([\d.]+)\] - ([\d-]+)$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    known = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert released[0] == (known["version"], str(known["date-released"]))


def test_the_front_page_has_the_moving_picture(root):
    assert "](start.webp)" in (root / "docs" / "index.md").read_text(encoding="utf-8")
    assert (root / "docs" / "start.webp").is_file()


def test_commands_for_researchers_are_modules(root):
    text = (root / "docs" / "researchers.md").read_text(encoding="utf-8")
    named = re.findall(r"`python -m ([\w.]+)", text)
    assert len(named) >= 5
    assert all(importlib.util.find_spec(name) for name in named)
