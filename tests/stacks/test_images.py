"""Registries that pods pull images from, and the ECR resources that must exist before pods."""

import re
from collections.abc import Callable, Iterator

from core.facts.versions.images import PAUSE_IMAGE
from core.image_names import UPSTREAMS, prefix, repository, version
from settings.images.image_sources import cached_images, images_outside_ecr, upstream_registries
from tests.stacks.objects import containers_of, pod_of
from tools.recording import Recording, Resource
from tools.rehearsal.fake_cloud.references import strings_in

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
PODS = (
    "kubernetes:apps/v1:Deployment",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:PodTemplate",
)
RELEASE = "kubernetes:helm.sh/v3:Release"


def pulled_images(recording: Recording) -> Iterator[tuple[Resource, str]]:
    """Yields each workload or Helm release with each of its images.

    The images of a release are the Helm values that start with a registry.
    """
    registries = "|".join(re.escape(each) for each in (*UPSTREAMS, "123456789012.dkr.ecr"))
    for each in recording.of_type(*PODS):
        template = each.inputs.get("template")
        for container in containers_of(template["spec"] if template else pod_of(dict(each.inputs))):
            yield each, container["image"]
    for each in recording.of_type(RELEASE):
        values = each.inputs["values"]
        for text in strings_in(values.get("devicePlugin", values).get("image")):
            if re.match(rf"(?:{registries})[./]", text):
                yield each, text


def address(recording: Recording, image: str) -> str:
    """Returns the address in ECR of an image of the cell."""
    registry = f"123456789012.dkr.ecr.{recording.settings.aws.region}.amazonaws.com"
    return f"{registry}/{repository(recording.stack, image)}{version(image)}"


def test_no_pod_pulls_a_cached_image_from_its_upstream_registry(recording: Recording) -> None:
    cached = cached_images(recording.settings)
    pulled = {image for _, image in pulled_images(recording)}
    assert pulled & set(cached) == set(), "a new node would depend on the upstream registry"
    unused = {address(recording, each) for each in cached} - pulled
    assert unused <= {address(recording, PAUSE_IMAGE)}, "pods would pull another version"


def test_images_are_pulled_from_the_source_of_the_stack_file(recording: Recording) -> None:
    source, registry = recording.settings.images.source, recording.settings.images.registry
    for resource, image in pulled_images(recording):
        outside_ecr = image in images_outside_ecr(recording.settings)
        if source == "upstream" and image.startswith("123456789012.dkr."):
            continue
        assert outside_ecr is (source == "upstream") or source == "pullThrough", (
            f"{resource.name}: {image}"
        )
        if source == "copies":
            assert registry
            assert image.startswith((f"{registry}/", "123456789012.dkr.ecr."))


def test_ecr_has_a_repository_for_each_cached_image_and_no_other(recording: Recording) -> None:
    registries = upstream_registries(recording.settings)
    names = {repository(recording.stack, each) for each in cached_images(recording.settings)}
    assert {each.inputs["name"] for each in recording.of_type(REPOSITORY)} == names
    assert {each.inputs["repository"] for each in recording.of_type(POLICY)} == names
    rules = {each.inputs["ecrRepositoryPrefix"]: each.inputs for each in recording.of_type(RULE)}
    assert {prefix(recording.stack, each) for each in registries} == set(rules)
    for registry in registries:
        credential = rules[prefix(recording.stack, registry)].get("credentialArn")
        assert credential == recording.settings.images.credentials.get(registry)
        assert (credential is not None) is UPSTREAMS[registry].credentials


def test_pull_through_rules_and_repositories_come_before_pods(recording: Recording) -> None:
    repositories = {each.inputs["name"]: each for each in recording.of_type(REPOSITORY)}
    rules = {each.inputs["ecrRepositoryPrefix"]: each for each in recording.of_type(RULE)}
    repository_of = {
        address(recording, each): repository(recording.stack, each)
        for each in cached_images(recording.settings)
    }
    for resource, image in pulled_images(recording):
        if image in repository_of:
            before, name = recording.before(resource), repository_of[image]
            [rule] = [each for start, each in rules.items() if name.startswith(f"{start}/")]
            assert repositories[name].urn in before, (
                f"{resource.name}: nodes have no permission to create the repository"
            )
            assert rule.urn in before, f"{resource.name}: ECR would not fetch the image"


def test_the_shipped_stacks_use_every_image_source(previewed: Callable[[str], Recording]) -> None:
    sources = {
        stack: previewed(stack).settings.images.source
        for stack in ("dev", "prod", "prod-standby", "wide")
    }
    assert sources == {
        "dev": "upstream", "prod": "pullThrough", "prod-standby": "pullThrough", "wide": "copies",
    }  # fmt: skip


def test_nodes_may_pull_through_ecr_but_not_create_repositories(recording: Recording) -> None:
    """AmazonEC2ContainerRegistryPullOnly allows ecr:BatchImportUpstreamImage."""
    role = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    [pull] = [each for each in recording.of_type(role) if each.name == "nodes-role-pull"]
    assert pull.inputs["policyArn"].endswith("/AmazonEC2ContainerRegistryPullOnly")
    for each in recording.of_type("aws:eks/nodeGroup:NodeGroup"):
        assert pull.urn in recording.before(each), "the first pods of a node could not pull images"
    policies = recording.of_type("aws:iam/rolePolicy:RolePolicy")
    assert not [each for each in policies if "ecr:" in each.inputs["policy"]]
