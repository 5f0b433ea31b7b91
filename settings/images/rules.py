"""Rules for ha-eks:images: nodes can pull every image from the selected registry."""

from collections.abc import Iterator

from core.image_names import UPSTREAMS, in_ecr
from settings.images.image_sources import upstream_registries
from settings.images.images import Images
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:images"


def _fields_of_the_source(settings: Settings) -> Iterator[Problem]:
    images = settings.images
    copies = images.source == "copies"
    if copies and images.registry is None:
        message = "required with source: copies; write the registry that has the copies"
        yield Problem(key=f"{_KEY}.registry", message=message)
    if images.registry is not None and not copies:
        message = "applies only with source: copies; write source: copies or remove registry"
        yield Problem(key=f"{_KEY}.registry", message=message)
    if images.credentials and images.source != "pullThrough":
        yield Problem(
            key=f"{_KEY}.credentials",
            message="applies only with source: pullThrough; write source: pullThrough or remove "
            "credentials",
        )


def _without_nat(settings: Settings) -> Iterator[Problem]:
    network, images, region = settings.network, settings.images, settings.aws.region
    if network.nat != "none" or network.existing:
        return
    if images.source != "copies":
        yield Problem(
            key=f"{_KEY}.source",
            message=f"without NAT, nodes can pull only from ECR in {region}, and the pull-through "
            "cache needs NAT for the first pull of an image; write source: copies and a registry "
            f"in ECR of {region}",
        )
    elif images.registry and not in_ecr(images.registry, region):
        yield Problem(
            key=f"{_KEY}.registry",
            message=f"without NAT, nodes can pull only from ECR in {region}; write a registry "
            f"there, such as 123456789012.dkr.ecr.{region}.amazonaws.com",
        )


_OFFICIAL = {"docker.io": " (public.ecr.aws/docker/library has the official ones)"}
"""Other registries with images of a registry. https://gallery.ecr.aws/docker"""


def _credentials(settings: Settings) -> Iterator[Problem]:
    images, region = settings.images, settings.aws.region
    supported = [name for name, upstream in UPSTREAMS.items() if upstream.credentials]
    for name, secret in images.credentials.items():
        key = f"{_KEY}.credentials.{name}"
        if name not in supported:
            yield Problem(
                key=key,
                message="ECR does not use credentials for this registry; remove the key, or write "
                f"one of {', '.join(supported)}",
            )
        elif Images.region_of(secret) != region:
            yield Problem(
                key=key,
                message=f"the secret is in {Images.region_of(secret)}, but ECR needs a secret in "
                f"the region of the cell; write the ARN of a secret in {region}",
            )
    for name, user in upstream_registries(settings).items():
        if name in supported and name not in images.credentials:
            yield Problem(
                key=f"{_KEY}.credentials.{name}",
                message=f"required: ECR pulls from {name} only with credentials, and {user} uses "
                "an image from there; write the ARN of a secret, use an image from another "
                f"registry{_OFFICIAL.get(name, '')}, or write source: upstream",
            )


RULES = (_fields_of_the_source, _without_nat, _credentials)
