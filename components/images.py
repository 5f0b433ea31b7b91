"""The registry from which nodes pull images, and the ECR pull-through cache.

Each cached image has its own ECR repository, which exists before the first pod. Nodes therefore
need no permission to create repositories, the program controls the settings of each repository,
and destroying the cell deletes them.
docs/decisions/0038-every-cached-image-has-its-own-ecr-repository.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from components.cell_context import CellContext
from core import image_names
from settings.images.images import Images as ImagesSettings

ImageResolver = Callable[[str], pulumi.Input[str]]
"""Returns the address that nodes pull an image from. Tag and digest do not change."""

_MAX_IMAGES = 500
"""Number of images that a repository retains, newest first. A multi-platform image takes one per
platform and one for its index. Age is no criterion: an image that is pulled every day may be years
old, and time since the last pull cannot be the only criterion of an expiry rule.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"""


@dataclass(frozen=True, kw_only=True)
class ImagesArgs:
    """Arguments of Images."""

    context: CellContext
    """Name, region and account of the cell."""
    images: ImagesSettings
    """The `images` section of the stack file."""
    cached_images: Sequence[str]
    """Images that ECR caches; empty unless `images.source` is pullThrough."""


class Images(pulumi.ComponentResource):
    """Creates a pull-through cache rule per upstream registry, and a repository per image."""

    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from. The address of a cached image is an
    output of its repository."""

    def __init__(
        self, name: str, args: ImagesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Images", name, None, opts)
        rules = {
            registry: self._cache_rule(name, registry, args)
            for registry in dict.fromkeys(map(image_names.host, args.cached_images))
        }
        registries = {
            image_names.repository(args.context.cell, image): image_names.host(image)
            for image in args.cached_images
        }
        self.resolve_image = _image_resolver(
            args,
            {
                repository: self._repository(name, repository, rules[registry])
                for repository, registry in registries.items()
            },
        )
        self.register_outputs({})

    def _cache_rule(self, name: str, registry: str, args: ImagesArgs) -> ecr.PullThroughCacheRule:
        upstream = image_names.UPSTREAMS[registry]
        return ecr.PullThroughCacheRule(
            f"{name}-{upstream.short}",
            ecr.PullThroughCacheRuleArgs(
                ecr_repository_prefix=image_names.prefix(args.context.cell, registry),
                upstream_registry_url=upstream.url,
                credential_arn=args.images.credentials.get(registry),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _repository(
        self, name: str, repository_name: str, rule: ecr.PullThroughCacheRule
    ) -> ecr.Repository:
        """Creates a repository after its rule, so that its address implies a working rule."""
        logical_name = f"{name}-{repository_name.partition('/')[2]}"
        repository = ecr.Repository(
            logical_name,
            ecr.RepositoryArgs(
                name=repository_name,
                # ECR updates a tag that moves upstream within 24 hours.
                image_tag_mutability="MUTABLE",
                # The images are public: a KMS key of the cell would protect no secret.
                encryption_configurations=[
                    ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
                ],
                force_delete=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rule]),
        )
        ecr.LifecyclePolicy(
            logical_name,
            ecr.LifecyclePolicyArgs(
                repository=repository.name, policy=pulumi.Output.json_dumps(_lifecycle_policy())
            ),
            # A repository has one policy: deleting the old one last would delete the new one.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return repository


def _image_resolver(args: ImagesArgs, repositories: Mapping[str, ecr.Repository]) -> ImageResolver:
    def resolve(image: str) -> pulumi.Input[str]:
        if image_names.in_ecr(image, args.context.region):
            return image
        if args.images.source == "copies":
            return f"{args.images.registry}/{image_names.full_name(image)}"
        if args.images.source == "pullThrough" and image_names.is_cacheable(image):
            repository = repositories[image_names.repository(args.context.cell, image)]
            return pulumi.Output.concat(repository.repository_url, image_names.version(image))
        return image

    return resolve


def _lifecycle_policy() -> Mapping[str, object]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html"""
    newest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _MAX_IMAGES}
    return {"rules": [{"rulePriority": 1, "selection": newest, "action": {"type": "expire"}}]}
