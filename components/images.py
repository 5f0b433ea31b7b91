"""Where nodes pull images from, and what ECR needs to keep them.

Each image of the cell has a repository in ECR of its own, made before the first pod: so nodes may
create none, its settings change with the program's, and it goes with the cell
(docs/decisions/0038-every-cached-image-has-its-own-ecr-repository.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from components.cell_context import CellContext
from core.image_names import (
    UPSTREAMS,
    host,
    in_ecr,
    is_cacheable,
    prefix,
    repository,
    version,
    whole,
)
from settings.images.images import Images as ImagesSettings

Pulled = Callable[[str], pulumi.Input[str]]
"""Where an image is pulled from, by its name; tag and digest, if it has them, stay as they are."""

_MOST = 500
"""How many images a repository keeps, the latest: an image for several platforms is one for each,
and their index. Images are never too old: what is pulled every day may be years old, and how long
ago one was pulled cannot decide on its end.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"""


@dataclass(frozen=True, kw_only=True)
class ImagesArgs:
    """What decides on where images are pulled from."""

    images: ImagesSettings
    """The stack file's `images`."""
    context: CellContext
    """Name, region and account of the cell."""
    kept: Sequence[str]
    """The cell's images that ECR fetches and keeps; none unless `source` is pullThrough."""


class Images(pulumi.ComponentResource):
    """A pull-through cache rule for each registry, and a repository for each of its images."""

    pulled: Pulled
    """Where an image is pulled from; it is there by then."""

    def __init__(
        self, name: str, args: ImagesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Images", name, None, opts)
        rules = {
            registry: self._rule(name, registry, args)
            for registry in dict.fromkeys(map(host, args.kept))
        }
        registries = {repository(args.context.cell, image): host(image) for image in args.kept}
        self.pulled = _pulled(
            args,
            {
                own: self._repository(name, own, rules[registry])
                for own, registry in registries.items()
            },
        )
        self.register_outputs({})

    def _rule(self, name: str, registry: str, args: ImagesArgs) -> ecr.PullThroughCacheRule:
        upstream = UPSTREAMS[registry]
        return ecr.PullThroughCacheRule(
            f"{name}-{upstream.short}",
            ecr.PullThroughCacheRuleArgs(
                ecr_repository_prefix=prefix(args.context.cell, registry),
                upstream_registry_url=upstream.url,
                credential_arn=args.images.credentials.get(registry),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _repository(self, name: str, own: str, rule: ecr.PullThroughCacheRule) -> ecr.Repository:
        """Whoever has its address has its rule as well."""
        shown = f"{name}-{own.partition('/')[2]}"
        kept = ecr.Repository(
            shown,
            ecr.RepositoryArgs(
                name=own,
                # A tag that moves upstream moves here, within a day.
                image_tag_mutability="MUTABLE",
                # Anybody's images: a key of the cell would keep nothing secret.
                encryption_configurations=[
                    ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
                ],
                force_delete=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rule]),
        )
        ecr.LifecyclePolicy(
            shown,
            ecr.LifecyclePolicyArgs(
                repository=kept.name, policy=pulumi.Output.json_dumps(_lifecycle())
            ),
            # A repository has one: deleted last, the old would be the end of the new.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return kept


def _pulled(args: ImagesArgs, repositories: Mapping[str, ecr.Repository]) -> Pulled:
    def pulled(image: str) -> pulumi.Input[str]:
        if in_ecr(image, args.context.region):
            return image
        if args.images.source == "copies":
            return f"{args.images.registry}/{whole(image)}"
        if args.images.source == "pullThrough" and is_cacheable(image):
            address = repositories[repository(args.context.cell, image)].repository_url
            return pulumi.Output.concat(address, version(image))
        return image

    return pulled


def _lifecycle() -> Mapping[str, object]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html"""
    latest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _MOST}
    return {"rules": [{"rulePriority": 1, "selection": latest, "action": {"type": "expire"}}]}
