"""`python deploy/licences.py [FILE.txt …]`: the packages that Equiscope brings, each with version and licence.

Asks what is installed (importlib.metadata), beginning with what the files pin; by default requirements.txt.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)")


def needed(files: list[Path]) -> dict[str, Distribution]:
    """All that is installed of what the files name and of what that needs, by name in small letters."""
    waiting = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found: dict[str, Distribution] = {}
    while waiting:
        line = waiting.pop()
        name = REQUIREMENT.match(line.strip())
        if name is None or "extra ==" in line:
            continue
        try:
            package = distribution(name[1])
        except PackageNotFoundError:
            continue  # for another platform
        key = re.sub(r"[-_.]+", "-", package.name).lower()
        if key not in found:
            found[key] = package
            waiting += package.requires or []
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """As its metadata say: the SPDX expression, else the classifiers, else the first line of the free text."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [each for each in metadata.get_all("Classifier", []) if each.startswith("License :: ")]
    if classifiers:
        return ", ".join(sorted({each.rpartition(" :: ")[2] for each in classifiers}))
    text = metadata["License"].strip().splitlines() if "License" in metadata else []
    return text[0] if text and text[0] != "UNKNOWN" else "not said in its metadata"


def main(names: list[str]) -> None:
    packages = needed([Path(name) for name in names] or [ROOT / "requirements.txt"])
    wide = max(map(len, packages), default=0)
    for name, package in packages.items():
        print(f"{name:<{wide}}  {package.version:<18}  {licence(package)}")


if __name__ == "__main__":
    main(sys.argv[1:])
