"""Rules for the storage of apps: one pod with a volume, sizes of volumes, and storage limits."""

from collections.abc import Iterator

from settings.app.keys import app_key
from settings.app.scaling import Scaling
from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes
from settings.stack import NAMESPACE, Settings

_MAX_GIB = 65536
"""Maximum size of a gp3 volume in GiB."""


def _one_pod(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        if app.volume is None:
            continue
        replicas = app.replicas
        if (replicas.needed, replicas.min, replicas.max) != (1, 1, 1):
            yield Problem(
                key=app_key(name, "replicas"),
                message="must be {needed: 1, min: 1, max: 1}: only one pod can use the volume",
            )
        if app.scaling != Scaling():
            yield Problem(
                key=app_key(name, "scaling"),
                message="an app with a volume has one pod and does not scale; remove scaling",
            )
        if app.critical:
            yield Problem(
                key=app_key(name, "critical"),
                message="must be false: if the zone of the volume fails, the app fails, and the "
                "health of the cell must not depend on one zone",
            )
        if name in settings.headroom.pods:
            yield Problem(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                message=f"app {name} has a volume, and can run only in the zone of the volume, so "
                "that headroom in other zones has no effect; remove the key",
            )


def _size(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each volume that is larger than a gp3 volume can be.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
    """
    for name, app in settings.apps.items():
        if app.volume and mebibytes(app.volume.size) > _MAX_GIB * 1024:
            yield Problem(
                key=app_key(name, "volume.size"),
                message=f"must be at most {_MAX_GIB}Gi, the largest size of a gp3 volume",
            )


def _storage_limit(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        limit, request = app.limits.ephemeral_storage, app.ephemeral_storage
        if limit and mebibytes(limit) < request:
            written = app.requests.ephemeral_storage
            source = "requests.ephemeralStorage" if written else "scratch and 64Mi for logs"
            yield Problem(
                key=app_key(name, "limits.ephemeralStorage"),
                message=f"{limit} is less than the request, {written or f'{request}Mi'} ({source});"
                f" write at least {written or f'{request}Mi'}, or no limit",
            )


RULES = (_one_pod, _size, _storage_limit)
