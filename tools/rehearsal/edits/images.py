"""Edits of where images are pulled from."""

from core.image_names import UPSTREAMS
from tools.rehearsal.edits.edit import Config, Edit, takes

_KEPT = ("PullThroughCacheRule", "Repository", "LifecyclePolicy")
"""What ECR keeps images by."""

_PULL = ("update Deployment *", "update Release *")
"""Whoever has pods, and nobody else: a node pulls what it is told."""


def of_images(verb: str) -> tuple[str, ...]:
    """What comes or goes with an image that ECR keeps."""
    return tuple(f"{verb} {kind} images-*" for kind in _KEPT)


def upstream(config: Config) -> None:
    """Every image comes from its own registry."""
    config["ha-eks:images"] = {"source": "upstream"}


def kept(config: Config) -> bool:
    """Whether ECR keeps images."""
    return config.get("ha-eks:images", {}).get("source", "pullThrough") == "pullThrough"


UPSTREAM = Edit(
    name="images from upstream",
    change=upstream,
    fits=kept,
    may=(*_PULL, *of_images("delete")),
)


def pull_through(config: Config) -> None:
    """ECR fetches and keeps them, with credentials wherever it wants them."""
    secret = f"arn:aws:secretsmanager:{config['aws:region']}:210987654321:secret:"
    config["ha-eks:images"] = {
        "credentials": {
            name: f"{secret}ecr-pullthroughcache/{each.short}-AbCdEf"
            for name, each in UPSTREAMS.items()
            if each.credentials
        }
    }


def not_kept(config: Config) -> bool:
    """Whether every image comes from its own registry, and ECR could fetch it."""
    return not kept(config) and takes(pull_through)(config)


PULL_THROUGH = Edit(
    name="images that ECR keeps",
    change=pull_through,
    fits=not_kept,
    may=(*_PULL, *of_images("create")),
)
