import json
from typing import Any

from components.aws_provider import aws_provider
from settings.aws import Aws
from tests.components.deploy import deploy

ROLE = "arn:aws:iam::123456789012:role/deployer"


def provider(**given: Any) -> dict[str, Any]:
    """Inputs of the provider; what is no text is JSON, as every provider takes it."""
    settings = Aws.model_validate({"region": "eu-west-1", **given})
    inputs = deploy(lambda: aws_provider("prod", settings)).one("pulumi:providers:aws").inputs
    as_text = ("region", "profile")
    return {key: value if key in as_text else json.loads(value) for key, value in inputs.items()}


def test_the_provider_is_for_the_region_of_the_stack_file() -> None:
    assert provider()["region"] == "eu-west-1"


def test_everything_is_tagged_with_its_cell_and_what_was_asked_for() -> None:
    assert provider()["defaultTags"] == {"tags": {"ha-eks:cell": "prod"}}
    tagged = provider(defaultTags={"tags": {"team": "a"}})
    assert tagged["defaultTags"] == {"tags": {"team": "a", "ha-eks:cell": "prod"}}


def test_no_tag_of_the_stack_file_says_that_it_is_another_cell() -> None:
    tagged = provider(defaultTags={"tags": {"ha-eks:cell": "other"}})
    assert tagged["defaultTags"] == {"tags": {"ha-eks:cell": "prod"}}


def test_a_stack_for_certain_accounts_goes_to_no_other() -> None:
    given = provider(allowedAccountIds=("123456789012", "210987654321"))
    assert given["allowedAccountIds"] == ["123456789012", "210987654321"]
    assert "allowedAccountIds" not in provider()


def test_the_provider_takes_on_the_role_asked_for() -> None:
    role = {"roleArn": ROLE, "sessionName": "up", "externalId": "42"}
    assert provider(assumeRoles=(role,))["assumeRoles"] == [role]
    assert provider(assumeRoles=({"roleArn": ROLE},))["assumeRoles"] == [{"roleArn": ROLE}]
    assert "assumeRoles" not in provider()


def test_credentials_are_those_of_the_profile_asked_for() -> None:
    assert provider(profile="work")["profile"] == "work"
    assert "profile" not in provider()
