"""The science of Equiscope: layers, networks, resampling and measures; serves a script as well as the app."""

import os

# Maps of tens of megabytes come and go. In pages of 2 MB instead of 4 kB the system clears them in a fraction of the
# time, a third of a pass on a wide canvas (docs/decisions/0012-wide-canvas.md). Read when torch is first used.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
