"""Constraints of EKS on the versions and configurations of add-ons.

Error messages: https://github.com/aws/containers-roadmap/issues/2216 and
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html
"""

import json
import re
from collections.abc import Iterator

from core.facts.add_on_keys import has_key, key_paths
from core.facts.versions.add_ons import ADD_ON_VERSION, ADD_ONS
from core.facts.versions.kubernetes import KUBERNETES
from tools.recording.made_up_outputs.invokes import default_version
from tools.rehearsal.fake_cloud.cloud import CLUSTER, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_ADD_ON = "aws:eks/addon:Addon"
_CODE = "InvalidParameterException"


def _offered_version(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """EKS offers the version for the Kubernetes version of the cluster.

    The cloud knows the pinned versions and the default versions of each Kubernetes version. It
    accepts other versions of the right form, which the author of the stack file has looked up.
    """
    if verb == "delete" or type_ != _ADD_ON or "addonVersion" not in inputs:
        return
    name, version = inputs["addonName"], inputs["addonVersion"]
    for cluster in cloud.of_type(CLUSTER):
        running = cluster.inputs["version"]
        others = {each for other in KUBERNETES if other != running for each in _known(name, other)}
        offered = version in _known(name, running) or version not in others
        if not offered or not re.fullmatch(ADD_ON_VERSION, version):
            raise RefusedError(
                _CODE,
                f"Addon version specified is not supported: {name} {version} with Kubernetes "
                f"{running}",
            )


def _known(add_on: str, kubernetes: str) -> Iterator[str]:
    """Yields the versions of an add-on that EKS is known to offer for a Kubernetes version."""
    yield default_version(add_on, kubernetes)
    if add_on in ADD_ONS.get(kubernetes, {}):
        yield ADD_ONS[kubernetes][add_on]


def _configuration_keys(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The version of the add-on has every key of its configuration.

    Keys of the stack file are accepted: their author looks them up.
    """
    if verb == "delete" or type_ != _ADD_ON or "addonVersion" not in inputs:
        return
    name = inputs["addonName"]
    own = {*key_paths(cloud.made_up_outputs.add_on_configurations.get(name, {}))}
    for key in key_paths(json.loads(inputs.get("configurationValues") or "{}")):
        if key not in own and not has_key(name, inputs["addonVersion"], key):
            raise RefusedError(
                _CODE,
                "ConfigurationValue provided in request is not supported: Json schema validation "
                f"failed with error: [$.{key}: is not defined in the schema and the schema does "
                f"not allow additional properties]: {name} {inputs['addonVersion']}",
            )


CONSTRAINTS: tuple[Constraint, ...] = (_offered_version, _configuration_keys)
