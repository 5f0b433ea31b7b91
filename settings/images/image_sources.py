"""Images that a cell pulls, and the registries that they come from."""

from collections.abc import Mapping

from core.facts.versions.charts import (
    AWS_LOAD_BALANCER_CONTROLLER,
    CLUSTER_AUTOSCALER,
    CLUSTER_PROPORTIONAL_AUTOSCALER,
    DESCHEDULER,
    KEDA,
    NEURON,
    NVIDIA_DEVICE_PLUGIN,
)
from core.facts.versions.images import KEDA_METRICS_IMAGE, KEDA_WEBHOOKS_IMAGE, PAUSE_IMAGE
from core.image_names import host, in_ecr, is_cacheable
from settings.stack import Settings

_ALWAYS = (CLUSTER_AUTOSCALER.image, PAUSE_IMAGE)


def images_outside_ecr(settings: Settings) -> Mapping[str, str]:
    """Returns the images that are not in ECR of the cell's region, with the user of each image.

    The user is the key of a workload, "the system" or "KEDA". Images of EKS add-ons are not
    included: EKS provides them in ECR of every region.
    """
    found = dict.fromkeys(_ALWAYS, "the system")
    if settings.load_balancers:
        found[AWS_LOAD_BALANCER_CONTROLLER.image] = "the system"
    if settings.autoscaling.descheduler:
        found[DESCHEDULER.image] = "the system"
    if settings.headroom.size == "proportional":
        found[CLUSTER_PROPORTIONAL_AUTOSCALER.image] = "the system"
    for device in settings.pools.plugins:
        found[(NVIDIA_DEVICE_PLUGIN if device == "gpu" else NEURON).image] = "the system"
    if settings.uses_keda:
        for image in (KEDA.image, KEDA_METRICS_IMAGE, KEDA_WEBHOOKS_IMAGE):
            found[image] = "KEDA"
    for name, workload in settings.workloads.items():
        for prefix, container in workload.containers.items():
            key = settings.key_of(name, prefix.removesuffix("."))
            found.setdefault(container.image, key)
            if not prefix:
                found[container.image] = key
    region = settings.aws.region
    return {image: user for image, user in found.items() if not in_ecr(image, region)}


def pulled_from_ecr(settings: Settings, image: str) -> bool:
    """True if nodes pull an image from ECR in the region of the cell, with their own credentials.

    Without a registry of copies, other rules refuse the stack file.
    """
    images, region = settings.images, settings.aws.region
    if in_ecr(image, region):
        return True
    if images.source == "copies":
        return in_ecr(images.registry or "", region)
    return images.source == "pullThrough" and is_cacheable(image)


def cached_images(settings: Settings) -> Mapping[str, str]:
    """Returns the images of `images_outside_ecr` that ECR caches; none without `pullThrough`."""
    if settings.images.source != "pullThrough":
        return {}
    found = images_outside_ecr(settings)
    return {image: user for image, user in found.items() if is_cacheable(image)}


def upstream_registries(settings: Settings) -> Mapping[str, str]:
    """Returns the registries that ECR caches images of, and the first user of each of them."""
    found: dict[str, str] = {}
    for image, user in cached_images(settings).items():
        found.setdefault(host(image), user)
    return found
