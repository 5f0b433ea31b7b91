"""Faults of pods, their credentials, network policies, autoscalers, headroom and targets."""

from tests.tools.deploy.check.cell import Cell, Json
from tests.tools.deploy.check.faults import UP, Faults
from tools.deploy.check.credentials import credentials
from tools.deploy.check.network_policy import network_policies
from tools.deploy.check.pods import app_pods, system_pods
from tools.deploy.check.scaling import autoscalers, disruption_budgets, headroom
from tools.deploy.check.targets import targets

FAULTS = Faults()
case = FAULTS.case
POLICY_SETUP = "https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html"
BALANCER_LOGS = (
    "kubectl -n aws-load-balancer-controller logs deployment/aws-load-balancer-controller"
)


def pod(cell: Cell, name: str) -> Json:
    [found] = [each for each in cell.objects["pods"] if each["metadata"]["name"] == name]
    return found


def unready(cell: Cell, name: str, waiting: Json | None = None, **condition: str) -> None:
    """Makes a pod not ready, because a container waits or because of a condition."""
    status = pod(cell, name)["status"]
    status["conditions"][0] = {"type": "Ready", "status": "False", "message": "not all ready"}
    if waiting:
        status["containerStatuses"][0].update(state={"waiting": waiting}, restartCount=5)
    if condition:
        status["conditions"].append({"status": "False", **condition})


@case(
    app_pods, "app web", "5 ready, minimum 6; us-east-1a=1, us-east-1b=2, us-east-1c=2",
    "see the pods below and kubectl -n web describe deployment web "
    "(docs/runbooks/autoscaler.md#pods-are-pending)",
)  # fmt: skip
def a_pod_is_missing(cell: Cell) -> None:
    cell.objects["pods"].remove(pod(cell, "web-0"))


@case(
    app_pods, "app web", "6 ready, minimum 6; us-east-1a=0, us-east-1b=4, us-east-1c=2",
    "find out why no pod runs in us-east-1a: kubectl get nodes -L topology.kubernetes.io/zone",
)  # fmt: skip
def no_pod_in_a_zone(cell: Cell) -> None:
    for name in ("web-0", "web-3"):
        pod(cell, name)["spec"]["nodeName"] = pod(cell, "web-1")["spec"]["nodeName"]


@case(
    app_pods, "pod web-0", "Running: main CrashLoopBackOff, 5 restarts",
    "kubectl -n web describe pod web-0; kubectl -n web logs web-0 --all-containers --previous",
)  # fmt: skip
def a_container_crashes(cell: Cell) -> None:
    unready(cell, "web-0", {"reason": "CrashLoopBackOff"})


@case(
    app_pods, "pod web-0", "Pending: 0/6 nodes are available",
    "kubectl -n web describe pod web-0; kubectl -n web logs web-0 --all-containers",
)  # fmt: skip
def a_pod_is_unschedulable(cell: Cell) -> None:
    unready(cell, "web-0", type="PodScheduled", message="0/6 nodes are available")
    pod(cell, "web-0")["status"]["phase"] = "Pending"


@case(
    app_pods, "pod web-0", "Running: not all ready",
    "kubectl -n web describe pod web-0; kubectl -n web logs web-0 --all-containers",
)  # fmt: skip
def a_probe_fails(cell: Cell) -> None:
    unready(cell, "web-0")


@case(
    app_pods, "gates of web", "5 of 6 true; web-0: Target.Timeout",
    f"see the targets below, and {BALANCER_LOGS}",
)  # fmt: skip
def a_gate_is_closed(cell: Cell) -> None:
    pod(cell, "web-0")["status"]["conditions"][1].update(status="False", reason="Target.Timeout")


@case(
    app_pods, "gates of web",
    "1 pod without a readiness gate of the load balancer, such as web-0",
    "the webhook of the load balancer controller did not answer; delete these pods one by one, and "
    "their successors get the gate",
)  # fmt: skip
def a_pod_has_no_gate(cell: Cell) -> None:
    del pod(cell, "web-0")["spec"]["readinessGates"]


@case(
    system_pods, "kube-system/coredns", "1 of its pods not ready: denied by a policy",
    "kubectl -n kube-system get events --sort-by=.lastTimestamp",
)  # fmt: skip
def a_system_deployment_is_not_ready(cell: Cell) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": "denied by a policy"}
    cell.deployment("coredns")["status"].update(readyReplicas=1, conditions=[failure])


@case(
    system_pods, "kube-system/aws-node", "2 of its pods not ready",
    "kubectl -n kube-system get events --sort-by=.lastTimestamp",
)  # fmt: skip
def a_daemon_set_is_not_ready(cell: Cell) -> None:
    cell.objects["daemonsets"][0]["status"]["numberReady"] -= 2


@case(system_pods, "kube-system/coredns", "this Deployment does not exist", UP)
def a_system_deployment_is_missing(cell: Cell) -> None:
    cell.objects["deployments"].remove(cell.deployment("coredns"))


@case(
    system_pods, "pod aws-node-0", "Running: main ImagePullBackOff, 5 restarts",
    "kubectl -n kube-system describe pod aws-node-0; kubectl -n kube-system logs aws-node-0 "
    "--all-containers --previous",
)  # fmt: skip
def a_system_pod_is_not_ready(cell: Cell) -> None:
    unready(cell, "aws-node-0", {"reason": "ImagePullBackOff"})


@case(
    credentials, "aws-load-balancer-controller",
    "1 of 1 pods without credentials, such as aws-load-balancer-controller-0",
    "EKS adds them to new pods only: kubectl -n aws-load-balancer-controller delete pod "
    "aws-load-balancer-controller-0",
)  # fmt: skip
def a_pod_has_no_credentials(cell: Cell) -> None:
    pod(cell, "aws-load-balancer-controller-0")["spec"]["containers"][0]["env"] = []


@case(credentials, "aws-node", "no pod runs", "see the pods above")
def no_pod_of_an_account(cell: Cell) -> None:
    cell.objects["pods"].remove(pod(cell, "aws-node-0"))


@case(
    network_policies, "agent in aws-node", "does not run with --enable-network-policy=true",
    POLICY_SETUP,
)  # fmt: skip
def the_agent_is_off(cell: Cell) -> None:
    containers = cell.objects["daemonsets"][0]["spec"]["template"]["spec"]["containers"]
    containers[1]["args"] = ["--enable-network-policy=false"]


@case(
    network_policies, "agent in aws-node", "ready on 5 of 6 nodes",
    "kubectl -n kube-system get pods -l k8s-app=aws-node -o wide",
)  # fmt: skip
def the_agent_is_not_ready(cell: Cell) -> None:
    cell.objects["daemonsets"][0]["status"]["numberReady"] -= 1


@case(network_policies, "agent in aws-node", "kube-system/aws-node does not exist", POLICY_SETUP)
def no_agent(cell: Cell) -> None:
    cell.objects["daemonsets"].clear()


@case(
    network_policies, "policy web/web", "has no PolicyEndpoint, so all connections are allowed",
    f"kubectl -n web get policyendpoints; {POLICY_SETUP}",
)  # fmt: skip
def a_policy_is_not_resolved(cell: Cell) -> None:
    del cell.objects["policyendpoints.networking.k8s.aws"][0]


@case(
    network_policies, "policy web/web", "does not select 1 of 6 pods, such as web-0",
    f"kubectl -n web get policyendpoints -o yaml; {POLICY_SETUP}",
)  # fmt: skip
def a_policy_misses_a_pod(cell: Cell) -> None:
    spec = cell.objects["policyendpoints.networking.k8s.aws"][0]["spec"]
    del spec["podSelectorEndpoints"][0]


@case(autoscalers, "app web", "does not scale: no metrics", "kubectl -n web describe hpa")
def an_autoscaler_has_no_metrics(cell: Cell) -> None:
    status = cell.objects["horizontalpodautoscalers"][0]["status"]
    status["conditions"][0].update(status="False", message="no metrics")


@case(autoscalers, "app web", "has no autoscaler", UP)
def an_autoscaler_is_missing(cell: Cell) -> None:
    del cell.objects["horizontalpodautoscalers"][0]


@case(
    disruption_budgets, "cache/cache", "allows no eviction: 2 pods healthy, 2 needed",
    "nodes with its pods cannot be drained until more pods are ready: kubectl -n cache describe "
    "pdb cache",
)  # fmt: skip
def evictions_are_blocked(cell: Cell) -> None:
    [budget] = [e for e in cell.objects["poddisruptionbudgets"] if e["metadata"]["name"] == "cache"]
    budget["status"].update(disruptionsAllowed=0, currentHealthy=2)


@case(disruption_budgets, "web/web", "does not exist", UP)
def a_budget_is_missing(cell: Cell) -> None:
    budgets = cell.objects["poddisruptionbudgets"]
    budgets.remove(next(each for each in budgets if each["metadata"]["name"] == "web"))


HEADROOM_REMEDY = (
    "new nodes take up to 10 minutes; then kubectl -n headroom describe deployments "
    "(docs/alarms.md#headroom-is-used-up)"
)


@case(headroom, "headroom of web", "us-east-1b: 0 of 1 pause pod ready", HEADROOM_REMEDY)
def a_pause_pod_is_pending(cell: Cell) -> None:
    cell.deployment("web-us-east-1b")["status"]["readyReplicas"] = 0


@case(headroom, "headroom of web", "us-east-1b: does not exist", HEADROOM_REMEDY)
def headroom_is_missing(cell: Cell) -> None:
    cell.objects["deployments"].remove(cell.deployment("web-us-east-1b"))


def target(cell: Cell, **health: str) -> None:
    """Changes the health of the first target of web."""
    found = cell.ask("elbv2", "describe-target-health", "--target-group-arn", "lb-web")
    found["TargetHealthDescriptions"][0]["TargetHealth"] = health
    cell.changed["elbv2 describe-target-health"] = found


TARGET_REMEDY = (
    "compare the readiness path and the security group of the pods "
    "(docs/alarms.md#too-few-healthy-pods)"
)


@case(
    targets, "app web",
    "5 healthy, minimum 6; us-east-1a=1, us-east-1b=2, us-east-1c=2; 1 unhealthy (Target.Timeout)",
    TARGET_REMEDY,
)  # fmt: skip
def a_target_is_unhealthy(cell: Cell) -> None:
    target(cell, State="unhealthy", Reason="Target.Timeout")


@case(
    targets, "app web", "5 healthy, minimum 6; us-east-1a=1, us-east-1b=2, us-east-1c=2",
    TARGET_REMEDY,
)  # fmt: skip
def a_target_is_draining(cell: Cell) -> None:
    target(cell, State="draining", Reason="Target.DeregistrationInProgress")


@case(
    targets, "app web", "6 healthy, minimum 6; us-east-1a=0, us-east-1b=4, us-east-1c=2",
    TARGET_REMEDY,
)  # fmt: skip
def a_zone_has_no_target(cell: Cell) -> None:
    found = cell.ask("elbv2", "describe-target-health", "--target-group-arn", "lb-web")
    for each in found["TargetHealthDescriptions"]:
        if each["Target"]["AvailabilityZone"] == "us-east-1a":
            each["Target"]["AvailabilityZone"] = "us-east-1b"
    cell.changed["elbv2 describe-target-health"] = found


@case(targets, "app web", "no target group in the state", UP)
def no_target_group(cell: Cell) -> None:
    cell.state = [each for each in cell.state if "TargetGroup::" not in each["urn"]]
