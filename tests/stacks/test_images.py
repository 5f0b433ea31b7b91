"""Registries from which pods pull images, and the repositories that exist before them."""

import re
from collections.abc import Callable, Iterator

from core.facts.versions.images import PAUSE_IMAGE
from core.image_names import UPSTREAMS, prefix, repository, version
from settings.images.image_sources import cached_images, images_outside_ecr, upstream_registries
from tools.recording import Recording, Resource
from tools.rehearsal.fake_cloud.cloud import strings_in

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
PODS = ("kubernetes:apps/v1:Deployment", "kubernetes:core/v1:PodTemplate")
RELEASE = "kubernetes:helm.sh/v3:Release"


def pulled(recording: Recording) -> Iterator[tuple[Resource, str]]:
    """Everything that pulls, with each image; of a chart, its values that begin like one."""
    registries = "|".join(re.escape(each) for each in (*UPSTREAMS, "123456789012.dkr.ecr"))
    for each in recording.of_type(*PODS):
        spec = each.inputs.get("template") or each.inputs["spec"]["template"]
        for container in spec["spec"]["containers"]:
            yield each, container["image"]
    for each in recording.of_type(RELEASE):
        for text in strings_in(each.inputs["values"].get("image")):
            if re.match(rf"(?:{registries})[./]", text):
                yield each, text


def address(recording: Recording, image: str) -> str:
    """Returns the address in ECR of an image of the cell."""
    here = f"123456789012.dkr.ecr.{recording.settings.aws.region}.amazonaws.com"
    return f"{here}/{repository(recording.stack, image)}{version(image)}"


def test_no_pod_pulls_from_a_registry_that_ecr_keeps_the_images_of(recording: Recording) -> None:
    wanted = cached_images(recording.settings)
    seen = {image for _, image in pulled(recording)}
    assert seen & set(wanted) == set(), "a new node would wait for that registry"
    unseen = {address(recording, each) for each in wanted} - seen
    assert unseen <= {address(recording, PAUSE_IMAGE)}, "another version, or none, is pulled"


def test_images_are_pulled_as_the_file_says(recording: Recording) -> None:
    source, registry = recording.settings.images.source, recording.settings.images.registry
    for who, image in pulled(recording):
        own = image in images_outside_ecr(recording.settings)
        if source == "upstream" and image.startswith("123456789012.dkr."):
            continue
        assert own is (source == "upstream") or source == "pullThrough", f"{who.name}: {image}"
        if source == "copies":
            assert registry
            assert image.startswith((f"{registry}/", "123456789012.dkr.ecr."))


def test_ecr_keeps_what_the_cell_pulls_and_nothing_else(recording: Recording) -> None:
    wanted, registries = cached_images(recording.settings), upstream_registries(recording.settings)
    names = {repository(recording.stack, each) for each in wanted}
    assert {each.inputs["name"] for each in recording.of_type(REPOSITORY)} == names
    assert {each.inputs["repository"] for each in recording.of_type(POLICY)} == names
    rules = {each.inputs["ecrRepositoryPrefix"]: each.inputs for each in recording.of_type(RULE)}
    assert {prefix(recording.stack, each) for each in registries} == set(rules)
    for registry in registries:
        given = rules[prefix(recording.stack, registry)].get("credentialArn")
        assert given == recording.settings.images.credentials.get(registry)
        assert (given is not None) is UPSTREAMS[registry].credentials


def test_pull_through_rules_and_repositories_come_before_pods(recording: Recording) -> None:
    repositories = {each.inputs["name"]: each for each in recording.of_type(REPOSITORY)}
    rules = {each.inputs["ecrRepositoryPrefix"]: each for each in recording.of_type(RULE)}
    own = {
        address(recording, each): repository(recording.stack, each)
        for each in cached_images(recording.settings)
    }
    for who, image in pulled(recording):
        if image in own:
            before, name = recording.before(who), own[image]
            [rule] = [each for begin, each in rules.items() if name.startswith(f"{begin}/")]
            assert repositories[name].urn in before, f"nodes may not create it: {who.name}"
            assert rule.urn in before, f"nothing is fetched for {who.name}"


def test_the_shipped_stacks_show_every_source(previewed: Callable[[str], Recording]) -> None:
    sources = {
        stack: previewed(stack).settings.images.source
        for stack in ("dev", "prod", "prod-standby", "wide")
    }
    assert sources == {
        "dev": "upstream", "prod": "pullThrough", "prod-standby": "pullThrough", "wide": "copies",
    }  # fmt: skip


def test_nodes_may_fetch_and_may_not_create(recording: Recording) -> None:
    """AmazonEC2ContainerRegistryPullOnly has ecr:BatchImportUpstreamImage."""
    role = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    [pull] = [each for each in recording.of_type(role) if each.name == "nodes-role-pull"]
    assert pull.inputs["policyArn"].endswith("/AmazonEC2ContainerRegistryPullOnly")
    for each in recording.of_type("aws:eks/nodeGroup:NodeGroup"):
        assert pull.urn in recording.before(each), "its first pods would wait"
    policies = recording.of_type("aws:iam/rolePolicy:RolePolicy")
    assert not [each for each in policies if "ecr:" in each.inputs["policy"]]
