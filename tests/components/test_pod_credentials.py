"""The expressions are evaluated by a real API server in the scenario `api` of the rehearsal."""

from components.pod_credentials import ADD_ON_ACCOUNTS, PodCredentials
from tests.components.deploy import Deployed, deploy, with_kubernetes
from tools.recording import Recording

_V1 = "kubernetes:admissionregistration.k8s.io/v1"
ADD_ON = "aws:eks/addon:Addon"


def policy() -> Deployed:
    return deploy(lambda: PodCredentials("pod-credentials", with_kubernetes()))


def test_the_policy_refuses_new_pods_without_credentials() -> None:
    spec = policy().one(f"{_V1}:ValidatingAdmissionPolicy").inputs["spec"]
    [rule] = spec["matchConstraints"]["resourceRules"]
    assert rule == {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
    }, "a pod could neither be changed nor evicted"
    [validation] = spec["validations"]
    assert validation["message"] == (
        "EKS Pod Identity has not added AWS credentials to the pod: its association is new, or the "
        "webhook of EKS does not answer. Its controller creates the pod again."
    )


def test_the_policy_is_enforced() -> None:
    deployed = policy()
    binding = deployed.one(f"{_V1}:ValidatingAdmissionPolicyBinding").inputs["spec"]
    assert binding == {
        "policyName": deployed.one(f"{_V1}:ValidatingAdmissionPolicy").inputs["metadata"]["name"],
        "validationActions": ["Deny"],
    }


def test_the_policy_covers_every_add_on_with_a_role(recording: Recording) -> None:
    accounts = {
        each["serviceAccount"]
        for add_on in recording.of_type(ADD_ON)
        for each in add_on.inputs.get("podIdentityAssociations") or ()
    }
    assert accounts == {name.partition("/")[2] for name in ADD_ON_ACCOUNTS}, (
        "the first pods of an add-on may never get AWS credentials"
    )
