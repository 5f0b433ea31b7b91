"""The longest name of a stack fits into all names that contain the name."""

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded_config
from tests.stacks import test_aws_requests
from tests.tools.deploy.policy import test_documents


def test_aws_accepts_all_names_and_the_policies_match_them() -> None:
    config = config_of("prod")
    config["ha-eks:apps"]["web"]["traced"] = True
    config["ha-eks:resilience"] = {
        "autoshift": {},
        "backup": {},
        "experiments": {"enabled": ["delete-pods", "slow-zone"]},
    }
    recording = recorded_config("Long_name-" * 10, config)
    assert [*test_aws_requests.refused(recording)] == []
    test_documents.test_the_policy_covers_every_resource_by_its_arn(recording)
