"""Images: that there is what they are pulled from."""

from collections.abc import Iterator

from core.image_names import UPSTREAMS, in_ecr
from settings.images.image_sources import cached
from settings.images.images import Images
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:images"

_WITHOUT_CACHE = ("cn-", "us-gov-")
"""What regions begin with whose ECR has no pull-through cache."""


def _fields_of_the_source(settings: Settings) -> Iterator[Problem]:
    images = settings.images
    copies = images.source == "copies"
    if copies and images.registry is None:
        message = "a registry with copies: source copies needs it"
        yield Problem(key=f"{_KEY}.registry", value=None, message=message)
    if images.registry is not None and not copies:
        message = f"nothing: source {images.source} has no registry of copies"
        yield Problem(key=f"{_KEY}.registry", value=images.registry, message=message)
    if images.credentials and images.source != "pullThrough":
        yield Problem(
            key=f"{_KEY}.credentials",
            value=sorted(images.credentials),
            message=f"nothing: with source {images.source} ECR fetches nothing",
        )


def _regions(settings: Settings) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html"""
    region, source = settings.aws.region, settings.images.source
    if source == "pullThrough" and region.startswith(_WITHOUT_CACHE):
        message = f"copies or upstream: ECR of {region} fetches from no other registry"
        yield Problem(key=f"{_KEY}.source", value=source, message=message)


def _without_nat(settings: Settings) -> Iterator[Problem]:
    network, images, region = settings.network, settings.images, settings.aws.region
    if network.nat != "none" or network.existing:
        return
    if images.source != "copies":
        yield Problem(
            key=f"{_KEY}.source",
            value=images.source,
            message=f"copies, in ECR of {region}: without NAT nodes reach no other registry, and "
            "what ECR fetches comes to them by NAT the first time",
        )
    elif images.registry and not in_ecr(images.registry, region):
        yield Problem(
            key=f"{_KEY}.registry",
            value=images.registry,
            message=f"ECR of {region}: without NAT nodes reach no other registry",
        )


def _credentials(settings: Settings) -> Iterator[Problem]:
    images = settings.images
    needed = [name for name, upstream in UPSTREAMS.items() if upstream.credentials]
    for name, secret in images.credentials.items():
        key = f"{_KEY}.credentials.{name}"
        if name not in needed:
            message = f"registries that want credentials of ECR: {', '.join(needed)}"
            yield Problem(key=key, value=secret, message=message)
        elif Images.region_of(secret) != settings.aws.region:
            message = f"a secret of aws:region {settings.aws.region}"
            yield Problem(key=key, value=secret, message=message)
    for name, user in cached(settings).items():
        if name in needed and name not in images.credentials:
            yield Problem(
                key=f"{_KEY}.credentials.{name}",
                value=None,
                message=f"the ARN of a secret: ECR fetches from {name} with credentials only, and "
                f"{user} is from there; or source upstream, or an image of another registry",
            )


RULES = (_fields_of_the_source, _regions, _without_nat, _credentials)
