"""Pages that grow by themselves: teaching, the decisions, and a reference of every part of core.

mkdocs calls `on_config` and `on_files`; the rest needs no mkdocs, so that a test can ask it.
"""

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[1]
FIRST = ("scales", "transforms", "resampling", "models", "equivariance", "tolerance")  # what a script starts with
BEFORE = "One page for each part of `core`, made from the docstrings: shapes, units, errors raised, sources."


def parts(core: Path = ROOT / "core") -> dict[str, str]:
    """The packages and modules directly in `core` and the first sentence of each, those of FIRST first."""
    files = {path.parent.name: path for path in core.glob("*/__init__.py")}
    files |= {path.stem: path for path in core.glob("*.py") if not path.stem.startswith("__")}
    names = sorted(files, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    return {name: first_sentence(files[name]) for name in names}


def first_sentence(path: Path) -> str:
    """The first paragraph of a module's docstring on one line. Raises: ValueError if it has none."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{path} needs a docstring: the reference has nothing to say about it")
    return " ".join(text.split("\n\n")[0].split())


def modules(name: str, root: Path = ROOT) -> list[str]:
    """What a page of the reference is about: the modules of a package of core, or the one module of that name."""
    paths = sorted((root / "core" / name).rglob("*.py")) or [root / "core" / f"{name}.py"]
    found = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths if path.stem != "__main__"]
    return [module.removesuffix(".__init__") for module in found]


def names_of(package: str, root: Path = ROOT) -> list[str]:
    """What a package says may be imported from it: its `__all__`."""
    path = root.joinpath(*package.split("."), "__init__.py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else ():
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return []


def page(name: str) -> str:
    """A page of the reference as Markdown. A package names what it hands on; that is described where it is defined."""
    first, *others = modules(name)
    names = names_of(first)
    if not others and not names:
        return f"# core.{name}\n\n::: {first}\n"
    lines = [f"# core.{name}", f"::: {first}\n    options:\n      members: false"]
    if names:
        lines.append(f"`from {first} import` " + ", ".join(f"`{exported}`" for exported in names))
    lines += [f"## {module}\n\n::: {module}\n    options:\n      heading_level: 3" for module in others]
    return "\n\n".join(lines) + "\n"


def decisions(folder: Path = ROOT / "docs" / "decisions") -> dict[str, str]:
    """The title of each decision and its page, in their order."""
    return {
        path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# "): f"decisions/{path.name}"
        for path in sorted(folder.glob("*.md"))
    }


def teaching(assets: Path = ROOT / "assets") -> str:
    """The plan for teachers, and the address of every step of every lesson, as Markdown."""
    lines = ["# For teachers", "", (assets / "text" / "teachers.md").read_text(encoding="utf-8"), "## Every step", ""]
    lines += ["Each address goes after that of the app.", ""]
    for path in sorted((assets / "lessons").glob("*.toml")):
        lesson = tomllib.loads(path.read_text(encoding="utf-8"))
        lines += [f"### {lesson['title']}", "", f"“{lesson['misconception']}” · {lesson['minutes']} minutes", ""]
        lines += [f"- `/learn?lesson={path.stem}&step={step['id']}`: {step['text']}" for step in lesson["step"]]
        lines.append("")
    return "\n".join(lines)


def on_config(config: "MkDocsConfig") -> None:
    nav: list[dict[str, Any]] = config.nav  # type: ignore[assignment]
    nav.insert(1, {"For teachers": "teaching.md"})
    nav.append({"Reference": ["reference/index.md", *({f"core.{name}": f"reference/{name}.md"} for name in parts())]})
    nav.append({"Decisions": [{title: page} for title, page in decisions().items()]})


def on_files(files: "Files", config: "MkDocsConfig") -> None:
    from mkdocs.structure.files import File

    lines = [f"| [`core.{name}`]({name}.md) | {sentence} |" for name, sentence in parts().items()]
    table = "\n".join(["| module | what it holds |", "|---|---|", *lines])
    files.append(File.generated(config, "reference/index.md", content=f"# Reference\n\n{BEFORE}\n\n{table}\n"))
    files.append(File.generated(config, "teaching.md", content=teaching()))
    for name in parts():
        files.append(File.generated(config, f"reference/{name}.md", content=page(name)))
    files.append(File.generated(config, "icon.png", abs_src_path=str(ROOT / "assets" / "icon.png")))
