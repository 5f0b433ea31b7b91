"""Cautions about ha-eks:images."""

from collections.abc import Iterator
from datetime import date

from core.image_names import host, is_kept
from settings.images.image_sources import images
from settings.reading.caution import Caution
from settings.stack import Settings


def _not_cached(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.images.source != "pullThrough":
        return
    for image, user in images(settings).items():
        if not is_kept(image):
            yield Caution(
                key=user,
                text=f"{image} is pulled from {host(image)} itself, as ECR does not keep it: a new "
                "node, and every pod on it, waits for that registry; copy it into ECR",
            )


CAUTIONS = (_not_cached,)
