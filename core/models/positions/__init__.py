"""Where on the image every sample of every tensor lies, followed through the operations of a module."""

from core.models.positions.call import Places, name_of
from core.models.positions.following import Positions

__all__ = ["Places", "Positions", "name_of"]
