"""Rules for ha-eks:singletons: what one pod cannot do, and sizes of volumes."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes
from settings.stack import Settings

_MAX_GIB = 65536
"""Maximum size of a gp3 volume in GiB."""


def _port(settings: Settings) -> Iterator[Problem]:
    for name, singleton in settings.singletons.items():
        if singleton.expose and singleton.port is None:
            yield Problem(
                key=settings.key_of(name, "port"),
                message="required with expose: the load balancer sends requests to this port",
            )


def _critical(settings: Settings) -> Iterator[Problem]:
    for name, singleton in settings.singletons.items():
        if singleton.critical and singleton.expose:
            yield Problem(
                key=settings.key_of(name, "critical"),
                message="must be false with expose: a singleton fails with its node or zone, and "
                "the health of the cell must not depend on one zone",
            )


def _size(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each volume that is larger than a gp3 volume can be.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
    """
    for name, singleton in settings.singletons.items():
        volume = singleton.volume
        if volume and mebibytes(volume.size) > _MAX_GIB * 1024:
            yield Problem(
                key=settings.key_of(name, "volume.size"),
                message=f"must be at most {_MAX_GIB}Gi, the largest size of a gp3 volume",
            )


RULES = (_port, _critical, _size)
