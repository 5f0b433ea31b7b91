"""Which images a cell pulls, and from which registries that takes."""

from collections.abc import Mapping

from core.facts.versions import (
    AWS_LOAD_BALANCER_CONTROLLER,
    CLUSTER_AUTOSCALER,
    CLUSTER_PROPORTIONAL_AUTOSCALER,
    DESCHEDULER,
    KEDA,
    KEDA_METRICS_IMAGE,
    KEDA_WEBHOOKS_IMAGE,
    PAUSE_IMAGE,
)
from core.image_names import host, in_ecr, is_kept
from settings.stack import NAMESPACE, Settings

_ALWAYS = (AWS_LOAD_BALANCER_CONTROLLER.image, CLUSTER_AUTOSCALER.image, PAUSE_IMAGE)


def images(settings: Settings) -> Mapping[str, str]:
    """What each image that is not in ECR of the region is for, by image: an app's key, or a part
    of the system. The images of EKS's own add-ons are not among them: EKS keeps them in ECR."""
    found = dict.fromkeys(_ALWAYS, "the system")
    if settings.autoscaling.descheduler:
        found[DESCHEDULER.image] = "the system"
    if settings.headroom.size == "proportional":
        found[CLUSTER_PROPORTIONAL_AUTOSCALER.image] = "the system"
    if settings.reads_queries:
        for part in (KEDA.image, KEDA_METRICS_IMAGE, KEDA_WEBHOOKS_IMAGE):
            found[part] = "KEDA, for queries"
    for name, app in settings.apps.items():
        found[app.image] = f"{NAMESPACE}:apps.{name}"
    region = settings.aws.region
    return {image: user for image, user in found.items() if not in_ecr(image, region)}


def kept(settings: Settings) -> Mapping[str, str]:
    """Of those, the images that ECR fetches and keeps."""
    if settings.images.source != "pullThrough":
        return {}
    return {image: user for image, user in images(settings).items() if is_kept(image)}


def cached(settings: Settings) -> Mapping[str, str]:
    """Registries that ECR fetches from, each with who needs it first."""
    found: dict[str, str] = {}
    for image, user in kept(settings).items():
        found.setdefault(host(image), user)
    return found
