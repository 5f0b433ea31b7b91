"""Apps that keep a volume: one pod, in the zone of the volume, which nothing else can stand in
for."""

from collections.abc import Iterator

from settings.app.scaling import Scaling
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_ONE = "one pod writes to a volume"


def _one_pod(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        if app.volume is None:
            continue
        key, replicas = f"{NAMESPACE}:apps.{name}", app.replicas
        if (replicas.needed, replicas.min, replicas.max) != (1, 1, 1):
            yield Problem(
                key=f"{key}.replicas",
                value=replicas.model_dump(by_alias=True, exclude_none=True),
                message=f"{{needed: 1, min: 1, max: 1}}: {_ONE}",
            )
        if app.scaling != Scaling():
            yield Problem(
                key=f"{key}.scaling",
                value=app.scaling.model_dump(by_alias=True, exclude_defaults=True),
                message=f"nothing: {_ONE}, and there is nothing to scale",
            )
        if app.critical:
            yield Problem(
                key=f"{key}.critical",
                value=True,
                message="false: with the zone of its volume the app is lost, and the cell with it",
            )
        if name in settings.headroom.pods:
            yield Problem(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                value=settings.headroom.pods[name],
                message="nothing: it comes up in no zone but its volume's",
            )


RULES = (_one_pod,)
