"""Checks that VPC CNI enforces the network policies.

The controller of EKS resolves each NetworkPolicy to a PolicyEndpoint, which the agent in the pods
of aws-node applies to the pods on its node.
https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
https://github.com/aws/amazon-network-policy-controller-k8s/blob/main/api/v1alpha1/policyendpoint_types.go
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tools.deploy.check.pods import pods_of_app
from tools.deploy.check.result import (
    Readings,
    Result,
    count,
    inputs_of,
    is_true,
    not_ok,
    ok,
    skipped,
)
from tools.recording import Recording

_AGENT, _FLAG = "aws-eks-nodeagent", "--enable-network-policy=true"
"""Container of aws-node that enforces policies, and its argument.
https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/templates/daemonset.yaml"""
_SETUP = "https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html"


def network_policies(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for the agent on the nodes, and one for the network policy of each app."""
    if not _enabled(recording):
        yield skipped("network policies", "cluster.addOns.vpc-cni switches them off")
        return
    yield _agent(readings)
    selected = _selected_pods(readings)
    pods = readings.objects("pods")
    for policy in recording.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy"):
        metadata = inputs_of(policy)["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        running = [
            each["metadata"]["name"]
            for each in pods_of_app(pods, namespace)
            if is_true(each, "PodReadyToStartContainers") or is_true(each, "Ready")
        ]
        without = [each for each in running if each not in selected.get((namespace, name), ())]
        subject = f"policy {namespace}/{name}"
        if not running and namespace in recording.settings.cron_jobs:
            yield ok(subject, "no job runs now")
        elif (namespace, name) not in selected:
            yield not_ok(
                subject,
                "has no PolicyEndpoint, so all connections are allowed",
                f"kubectl -n {namespace} get policyendpoints; {_SETUP}",
            )
        elif without:
            yield not_ok(
                subject,
                f"does not select {len(without)} of {count(len(running), 'pod')}, such as "
                f"{without[0]}",
                f"kubectl -n {namespace} get policyendpoints -o yaml; {_SETUP}",
            )
        else:
            yield ok(subject, f"selects {count(len(running), 'pod')}")


def _enabled(recording: Recording) -> bool:
    for add_on in recording.of_type("aws:eks/addon:Addon"):
        if add_on.inputs["addonName"] == "vpc-cni":
            configuration = json.loads(str(add_on.inputs.get("configurationValues", "{}")))
            return str(configuration.get("enableNetworkPolicy")).lower() == "true"
    return False


def _agent(readings: Readings) -> Result:
    subject = "agent in aws-node"
    for each in readings.objects("daemonsets"):
        metadata = each["metadata"]
        if (metadata["namespace"], metadata["name"]) != ("kube-system", "aws-node"):
            continue
        containers = {c["name"]: c for c in each["spec"]["template"]["spec"]["containers"]}
        status = each.get("status", {})
        wanted, ready = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
        figures = f"ready on {ready} of {count(wanted, 'node')}"
        if _FLAG not in containers.get(_AGENT, {}).get("args", ()):
            return not_ok(subject, f"does not run with {_FLAG}", _SETUP)
        if ready < wanted or not wanted:
            remedy = "kubectl -n kube-system get pods -l k8s-app=aws-node -o wide"
            return not_ok(subject, figures, remedy)
        return ok(subject, figures)
    return not_ok(subject, "kube-system/aws-node does not exist", _SETUP)


def _selected_pods(readings: Readings) -> Mapping[tuple[str, str], set[str]]:
    """Returns the names of the selected pods by namespace and name of the network policy."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in readings.objects("policyendpoints.networking.k8s.aws"):
        reference = each["spec"]["policyRef"]
        selected = each["spec"].get("podSelectorEndpoints") or ()
        found[reference["namespace"], reference["name"]] |= {pod["name"] for pod in selected}
    return found
