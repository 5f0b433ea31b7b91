"""Tests of image names, and of the names of their copies in ECR."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.image_names import (
    UPSTREAMS,
    full_name,
    host,
    in_ecr,
    is_cacheable,
    prefix,
    repository,
    version,
)

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
NAME = re.compile(rf"{PART}(?:/{PART})*")
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""
PREFIX = re.compile(rf"(?=.{{2,30}}$){PART}(?:/{PART})*")
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""

parts = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?", fullmatch=True)
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
digests = st.sampled_from(["", "@sha256:" + "0123456789abcdef" * 4])
cells = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True)
"""Stack names that Pulumi allows."""
registries = st.sampled_from([*UPSTREAMS])


@st.composite
def versions(draw: st.DrawFn) -> str:
    tag = draw(st.none() | tags)
    return (f":{tag}" if tag else "") + draw(digests)


@pytest.mark.parametrize(
    ("image", "inside"),
    [
        (f"{ECR}/web:1", True),
        (ECR, True),
        (f"{ECR}.example.com/web:1", False),
        (f"example.com/{ECR}/web:1", False),
        ("123456789012.dkr.ecr.us-west-2.amazonaws.com/web:1", False),
        ("public.ecr.aws/web:1", False),
        ("redis:7", False),
    ],
)
def test_only_ecr_of_the_region_is_reached_without_nat(image: str, inside: bool) -> None:
    assert in_ecr(image, "us-east-1") is inside


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("redis:7", "docker.io/library/redis:7"),
        ("docker.io/redis:7", "docker.io/library/redis:7"),
        ("grafana/loki:3", "docker.io/grafana/loki:3"),
        ("docker.io/grafana/loki:3", "docker.io/grafana/loki:3"),
        ("ghcr.io/web:1", "ghcr.io/web:1"),
        ("localhost/web:1", "localhost/web:1"),
        ("registry:5000/web:1", "registry:5000/web:1"),
    ],
)
def test_only_names_of_docker_hub_images_are_expanded(image: str, name: str) -> None:
    assert full_name(image) == name
    assert full_name(name) == name


@given(registries, paths, versions())
def test_the_repository_of_a_copy_contains_no_registry_and_no_version(
    registry: str, path: str, tag_and_digest: str
) -> None:
    image = f"{registry}/{path}{tag_and_digest}"
    assert host(image) == registry
    assert version(image) == tag_and_digest
    official = registry == "docker.io" and "/" not in path
    expected = f"{prefix('prod', registry)}/{'library/' if official else ''}{path}"
    assert repository("prod", image) == expected


@given(paths, versions())
def test_the_port_of_a_registry_is_not_a_tag(path: str, tag_and_digest: str) -> None:
    image = f"registry.example.com:5000/{path}{tag_and_digest}"
    assert version(image) == tag_and_digest
    assert host(image) == "registry.example.com:5000"


@given(cells, registries)
def test_ecr_allows_the_prefix_of_any_cell(cell: str, registry: str) -> None:
    assert PREFIX.fullmatch(prefix(cell, registry))


@given(cells, cells)
def test_each_cell_has_a_different_prefix(one: str, other: str) -> None:
    assert (prefix(one, "quay.io") == prefix(other, "quay.io")) is (one == other)


def test_shortened_names_of_cells_with_the_same_beginning_are_different() -> None:
    long = "a-very-long-name-of-a-cell"
    assert PREFIX.fullmatch(prefix(long, "docker.io"))
    assert prefix(f"{long}-1", "quay.io") != prefix(f"{long}-2", "quay.io")
    assert prefix(f"{long}-1", "quay.io").startswith("a-very-long-")
    assert prefix("Prod", "quay.io").startswith("prod-")
    assert prefix("prod-standby", "docker.io") == "prod-standby/docker-hub"


def test_each_registry_of_a_cell_has_a_different_prefix() -> None:
    assert len({prefix("prod", registry) for registry in UPSTREAMS}) == len(UPSTREAMS)


@given(cells, registries, paths, versions())
def test_ecr_allows_the_repository_name_of_every_cacheable_image(
    cell: str, registry: str, path: str, tag_and_digest: str
) -> None:
    image = f"{registry}/{path}{tag_and_digest}"
    assert is_cacheable(image)
    name = repository(cell, image)
    assert NAME.fullmatch(name)
    assert len(name) <= 256


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/web:1",
        "quay.io/a__b/web:1",
        "quay.io/web--1:1",
        f"quay.io/{'a' * 226}:1",
        "my.azurecr.io/web:1",
        f"{ECR}/web:1",
    ],
)
def test_images_of_other_registries_or_with_names_that_ecr_refuses_are_not_cacheable(
    image: str,
) -> None:
    assert not is_cacheable(image)


def test_the_longest_cacheable_name_with_the_longest_prefix_fits_into_a_repository_name() -> None:
    image = f"docker.io/{'a' * 100}/{'b' * 124}:1"
    assert is_cacheable(image)
    assert len(repository("a" * 19, image)) == 256
