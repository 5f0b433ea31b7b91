import json
from typing import Any

from components.aws_provider import aws_provider
from settings.aws import Aws
from tests.components.deploy import deploy

ROLE = "arn:aws:iam::123456789012:role/deployer"


def provider(**changes: Any) -> dict[str, Any]:
    """Returns the inputs of the provider; inputs that are no strings are JSON on the wire."""
    settings = Aws.model_validate({"region": "eu-west-1", **changes})
    inputs = deploy(lambda: aws_provider("prod", settings)).one("pulumi:providers:aws").inputs
    as_text = ("region", "profile")
    return {key: value if key in as_text else json.loads(value) for key, value in inputs.items()}


def test_the_provider_is_for_the_region_of_the_stack_file() -> None:
    assert provider()["region"] == "eu-west-1"


def test_all_resources_have_the_cell_tag_and_the_tags_of_the_stack_file() -> None:
    assert provider()["defaultTags"] == {"tags": {"ha-eks:cell": "prod"}}
    tagged = provider(defaultTags={"tags": {"team": "a"}})
    assert tagged["defaultTags"] == {"tags": {"team": "a", "ha-eks:cell": "prod"}}


def test_a_tag_of_the_stack_file_cannot_replace_the_cell_tag() -> None:
    tagged = provider(defaultTags={"tags": {"ha-eks:cell": "other"}})
    assert tagged["defaultTags"] == {"tags": {"ha-eks:cell": "prod"}}


def test_the_provider_refuses_other_accounts_than_the_allowed_ones() -> None:
    changes = provider(allowedAccountIds=("123456789012", "210987654321"))
    assert changes["allowedAccountIds"] == ["123456789012", "210987654321"]
    assert "allowedAccountIds" not in provider()


def test_the_provider_assumes_the_role_of_the_stack_file() -> None:
    role = {"roleArn": ROLE, "sessionName": "up", "externalId": "42"}
    assert provider(assumeRoles=(role,))["assumeRoles"] == [role]
    assert provider(assumeRoles=({"roleArn": ROLE},))["assumeRoles"] == [{"roleArn": ROLE}]
    assert "assumeRoles" not in provider()


def test_the_provider_uses_the_profile_of_the_stack_file() -> None:
    assert provider(profile="work")["profile"] == "work"
    assert "profile" not in provider()
