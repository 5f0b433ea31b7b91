"""What a stack file may say, and people should know of before they rely on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from core.images import in_ecr
from core.versions import KUBERNETES
from settings.cell import NAMESPACE, Settings

_NOTICE = timedelta(days=60)
"""How long before the end of its support people are told of a Kubernetes version."""


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One thing that is taken, and has a price."""

    key: str
    """Where: the config key and the path in it."""
    text: str
    """What it costs, and what to do."""

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.key}: {self.text}"


def cautions(settings: Settings, today: date) -> list[Caution]:
    """Every caution on a stack file, as of a day."""
    return [caution for find in _CAUTIONS for caution in find(settings, today)]


def _support_ends(settings: Settings, today: date) -> Iterator[Caution]:
    version = settings.cluster.version
    end = KUBERNETES[version]
    if today + _NOTICE >= end:
        yield Caution(
            key=f"{NAMESPACE}:cluster.version",
            text=f"standard support of {version} ends on {end}; EKS then upgrades the control "
            "plane by itself, at a time of its own: upgrade before (docs/upgrade.md)",
        )


def _images_without_nat(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.network.nat != "none":
        return
    region = settings.aws.region
    for name, app in settings.apps.root.items():
        if not in_ecr(app.image, region):
            yield Caution(
                key=f"{NAMESPACE}:apps.{name}.image",
                text=f"{app.image} is not in ECR of {region}, and without NAT nodes reach no other "
                "registry: copy it there",
            )


_CAUTIONS: tuple[Callable[[Settings, date], Iterator[Caution]], ...] = (
    _support_ends,
    _images_without_nat,
)
