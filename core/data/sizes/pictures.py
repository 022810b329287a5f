"""The sizes of the objects in pictures, one by one or in a ZIP file."""

import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator

import numpy as np

from core.data.images import MAX_BYTES, ImageRefused, object_size
from core.data.sizes.measured import MeasuredSizes, SizesRefused, checked, counted
from core.from_environment import positive

MAX_PICTURES = 2_000
MAX_PICTURES_BYTES = 300_000_000  # of all pictures of a ZIP file, uncompressed
# Of one core for the pictures of an upload: a few kilobytes can be as many pixels as take minutes.
MAX_SECONDS = positive("EQUISCOPE_UPLOAD_SECONDS", 2.0)

_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_NONE_MEASURED = "No picture could be measured."


def measure_pictures(pictures: Iterable[tuple[str, bytes]]) -> MeasuredSizes:
    """The size of the object in each picture: the longer side of the box around it, in pixels of the file.

    The object is what stands out from the border (core.data.images); dark on light counts as light on dark.
    What cannot be measured is skipped, and the note says how many and why the first. It also says where the time of a
    core that an upload may take (EQUISCOPE_UPLOAD_SECONDS, 2) was over before the pictures were.

    Args: pictures: file names and contents; what systems add (`.DS_Store`, `__MACOSX/`, `Thumbs.db`) does not count.
    Raises: SizesRefused if fewer than two pictures can be measured or there are more than 2,000.
    """
    sizes: list[float] = []
    reasons: list[str] = []
    started, out_of_time = time.thread_time(), False
    for number, (name, content) in enumerate((n, c) for n, c in pictures if not _JUNK.search(n)):
        if number == MAX_PICTURES:
            raise SizesRefused(f"There are too many pictures: at most {MAX_PICTURES:,} are measured.")
        out_of_time = time.thread_time() - started > MAX_SECONDS
        if out_of_time:
            break
        try:
            sizes.append(object_size(content))
        except ImageRefused as error:
            reasons.append(f"{name}: {error}")
    if not sizes:
        raise SizesRefused(f"{_NONE_MEASURED} {reasons[0]}" if reasons else "There is no picture.")
    note = f"{counted(len(sizes), 'picture')} measured"
    if reasons:
        note += f", {len(reasons):,} skipped (first {reasons[0].rstrip('.')})"
    if out_of_time:
        note += f", the rest left out, since an upload has {MAX_SECONDS:g} seconds of computing time"
    return checked(np.array(sizes), f"{note}.")


def read_zip(content: bytes, name: str) -> MeasuredSizes:
    """The sizes of the objects in the pictures of a ZIP file.

    Raises: SizesRefused, whatever the bytes are, if there are none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _JUNK.search(entry.filename)]
            _check_entries(entries, name)
            return measure_pictures(_inflated(archive, entries))
    except SizesRefused as error:
        if (message := str(error)).startswith(_NONE_MEASURED):
            reason = message.removeprefix(_NONE_MEASURED).strip()
            raise SizesRefused(f"The ZIP file {name} holds no picture that can be read: {reason}") from None
        raise
    except Exception as error:  # as for pictures
        raise SizesRefused(f"The ZIP file {name} is damaged or of a kind that cannot be read.") from error


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    """What the directory of the file says, before anything is inflated."""
    names = {entry.filename for entry in entries}
    if not entries:
        raise SizesRefused(f"The ZIP file {name} is empty.")
    if len(names) < len(entries):
        raise SizesRefused(f"The ZIP file {name} holds several files of one name.")
    if len({entry.header_offset for entry in entries}) < len(entries):
        raise SizesRefused(f"The ZIP file {name} holds files that share their bytes.")
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise SizesRefused(f"{name} is an office document; export the table as CSV, which can be read.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SizesRefused(f"The ZIP file {name} is encrypted; only open ones can be read.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise SizesRefused(f"The ZIP file {name} is compressed in a way that cannot be read; the usual one is Deflate.")
    if len(entries) > MAX_PICTURES:
        raise SizesRefused(
            f"The ZIP file {name} holds too many files: {len(entries):,}, where at most {MAX_PICTURES:,} are read."
        )
    total = sum(min(entry.file_size, MAX_BYTES) for entry in entries)
    if total > MAX_PICTURES_BYTES:
        raise SizesRefused(
            f"The ZIP file {name} is too large: {total / 1e6:,.0f} MB of pictures, "
            f"where at most {MAX_PICTURES_BYTES / 1e6:.0f} are read."
        )


def _inflated(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each entry, in order; no more than a picture may have is ever inflated."""
    for entry in entries:
        with archive.open(entry) as file:
            yield entry.filename, file.read(MAX_BYTES + 1)
