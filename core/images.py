"""Where images are pulled from."""

import re


def copied(image: str, registry: str | None) -> str:
    """An image's name in a registry of copies, which keeps the whole name; in its own without one.

    So are the copies of a pull-through cache whose prefix is the upstream's host.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """
    return f"{registry}/{image}" if registry else image


def in_ecr(image: str, region: str) -> bool:
    """Whether an image, or a registry, is in ECR of `region`: nodes reach it without NAT."""
    host = rf"[0-9]{{12}}\.dkr\.ecr\.{re.escape(region)}\.amazonaws\.com"
    return re.match(rf"{host}(?:/|$)", image) is not None
