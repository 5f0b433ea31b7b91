"""Edits of the image source."""

from core.image_names import UPSTREAMS
from tools.rehearsal.edits.edit import Config, Edit, stays_valid

_CACHE_TYPES = ("PullThroughCacheRule", "Repository", "LifecyclePolicy")
"""Types of the resources with which ECR caches an image."""

_ALL_PODS = ("update Deployment *", "update Release *")
_CRON_JOBS = ("update CronJob *",)


def cached_images(verb: str) -> tuple[str, ...]:
    """Returns patterns for the resources of an image that ECR caches."""
    return tuple(f"{verb} {type_} images-*" for type_ in _CACHE_TYPES)


def use_upstream(config: Config) -> None:
    """Sets the source `upstream`: nodes pull each image from its registry."""
    config["ha-eks:images"] = {"source": "upstream"}


def uses_pull_through(config: Config) -> bool:
    """True if the image source is `pullThrough`."""
    return config.get("ha-eks:images", {}).get("source", "pullThrough") == "pullThrough"


USE_UPSTREAM = Edit(
    name="pull images from upstream",
    change=use_upstream,
    applies=uses_pull_through,
    expected=(*_ALL_PODS, *cached_images("delete")),
    optional=_CRON_JOBS,
)


def use_pull_through(config: Config) -> None:
    """Sets the source `pullThrough`, with credentials for all registries that need them."""
    secret = f"arn:aws:secretsmanager:{config['aws:region']}:210987654321:secret:"
    config["ha-eks:images"] = {
        "credentials": {
            name: f"{secret}ecr-pullthroughcache/{each.short}-AbCdEf"
            for name, each in UPSTREAMS.items()
            if each.credentials
        }
    }


def can_use_pull_through(config: Config) -> bool:
    """True if the image source is another one, and `pullThrough` would be valid."""
    return not uses_pull_through(config) and stays_valid(use_pull_through)(config)


USE_PULL_THROUGH = Edit(
    name="pull images through ECR",
    change=use_pull_through,
    applies=can_use_pull_through,
    expected=(*_ALL_PODS, *cached_images("create")),
    optional=_CRON_JOBS,
)
