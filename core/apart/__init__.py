"""Measurements in a process of their own, so that a server's other work neither waits for them nor slows them.

Threads of one process share Python's lock: eight tabs that measured made whoever only moved a handle wait three to four
times as long, whatever their priority. So a `Place` has a process, which runs after all others of the machine.
"""

from core.apart.asked import Asked, Report, measured
from core.apart.place import Place

__all__ = ["Asked", "Place", "Report", "measured"]
