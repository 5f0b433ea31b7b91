"""Finds every caution on a stack file: accepted settings that have a cost or a risk."""

from collections.abc import Callable, Iterator
from datetime import date

from settings.app import cautions as app
from settings.cluster import cautions as cluster
from settings.headroom import cautions as headroom
from settings.images import cautions as images
from settings.network import cautions as network
from settings.observability import cautions as observability
from settings.pool import cautions as pool
from settings.reading.caution import Caution
from settings.stack import Settings

_CAUTIONS: tuple[Callable[[Settings, date], Iterator[Caution]], ...] = (
    *cluster.CAUTIONS,
    *pool.CAUTIONS,
    *headroom.CAUTIONS,
    *network.CAUTIONS,
    *app.CAUTIONS,
    *images.CAUTIONS,
    *observability.CAUTIONS,
)


def cautions(settings: Settings, today: date) -> list[Caution]:
    """Returns every caution on a stack file, as of a day."""
    return [caution for find in _CAUTIONS for caution in find(settings, today)]
