"""Cautions about ha-eks:images."""

from collections.abc import Iterator
from datetime import date

from core.facts.versions.charts import NVIDIA_DEVICE_PLUGIN
from core.image_names import host, is_cacheable
from settings.caution_rule import CautionRule
from settings.images.image_sources import images_outside_ecr, pulled_from_ecr
from settings.reading.caution import Caution
from settings.reading.wording import listed
from settings.stack import NAMESPACE, Settings


def _not_cached(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.images.source != "pullThrough":
        return
    for image, user in images_outside_ecr(settings).items():
        if image == NVIDIA_DEVICE_PLUGIN.image:
            yield Caution(
                key=f"{NAMESPACE}:images.source",
                text=f"ECR cannot cache {image}, so every new AL2023 node with GPUs pulls it from "
                f"{host(image)} and offers its GPUs only after that; write source: copies, or a "
                "Bottlerocket amiType, which contains the plugin",
            )
        elif not is_cacheable(image):
            yield Caution(
                key=f"{user}.image",
                text=f"ECR cannot cache {image}, so every new node pulls the image from "
                f"{host(image)} and its pods start only while that registry is available; copy "
                "the image to ECR",
            )


def _unused_pull_secrets(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.workloads.items():
        images = [each.image for each in app.containers.values()]
        from_ecr = all(pulled_from_ecr(settings, image) for image in images)
        if app.image_pull_secrets and from_ecr:
            yield Caution(
                key=settings.key_of(name, "imagePullSecrets"),
                text=f"nodes pull {listed(images)} from ECR with their own credentials, and do not "
                "use these Secrets; remove them (the credentials of registries that ECR caches are "
                "in ha-eks:images.credentials)",
            )


CAUTIONS = (
    CautionRule("HA933", "ECR caches all images.", _not_cached),
    CautionRule("HA934", "Nodes use the image pull secrets.", _unused_pull_secrets),
)
