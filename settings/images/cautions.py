"""Cautions about ha-eks:images."""

from collections.abc import Iterator
from datetime import date

from core.image_names import host, is_cacheable
from settings.images.image_sources import images_outside_ecr
from settings.reading.caution import Caution
from settings.stack import Settings


def _not_cached(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.images.source != "pullThrough":
        return
    for image, user in images_outside_ecr(settings).items():
        if not is_cacheable(image):
            yield Caution(
                key=f"{user}.image",
                text=f"ECR cannot cache {image}, so every new node pulls the image from "
                f"{host(image)} and its pods start only while that registry is available; copy "
                "the image to ECR",
            )


CAUTIONS = (_not_cached,)
