"""What of a cell is watched."""

from components.watched.series import Series
from components.watched.watched import Watched

__all__ = ["Series", "Watched"]
