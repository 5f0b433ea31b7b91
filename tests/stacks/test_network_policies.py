"""Connections that the network policies allow, as Kubernetes and the VPC CNI evaluate them."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from components.resilience.experiments.pod_access import SERVICE_ACCOUNT
from core.load_balancers import KINDS
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated
from tests.stacks.objects import Object, of_kind, pod_of, selects, values_of
from tools.recording import Recording

NAMESPACE_NAME = "kubernetes.io/metadata.name"
MAX_PORTS = 24
"""Maximum of ports and protocols that the agent stores for an address.
https://github.com/aws/aws-network-policy-agent/blob/v1.4.1/pkg/ebpf/c/tc.v4egress.bpf.c"""


def policies(recording: Recording) -> dict[str, Object]:
    """Returns the spec of the policy of each namespace, without those for the pods of FIS."""
    found = [
        each
        for each in of_kind(recording, "NetworkPolicy")
        if each["metadata"]["name"] != SERVICE_ACCOUNT
    ]
    specs = {each["metadata"]["namespace"]: each["spec"] for each in found}
    assert len(specs) == len(found)
    return specs


def labels(recording: Recording, app: str) -> dict[str, str]:
    [found] = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in of_kind(recording, "Deployment")
        if each["metadata"]["namespace"] == app
    ]
    return found


def is_pod(peer: Object, namespace: str, labels: dict[str, str]) -> bool:
    """True if a peer selects pods with these labels in a namespace."""
    if "podSelector" not in peer:
        return False
    selector = peer["namespaceSelector"]["matchLabels"]
    return selector == {NAMESPACE_NAME: namespace} and selects(
        peer["podSelector"]["matchLabels"], labels
    )


def port_numbers(rule: Object, ports: dict[str, int]) -> set[int]:
    """Returns the port numbers of a rule."""
    return {ports[e["port"]] if isinstance(e["port"], str) else e["port"] for e in rule["ports"]}


def allowed_ports(recording: Recording, caller: str, called: str) -> set[int]:
    """Returns the ports that the policies of both apps allow."""
    ports = recording.settings.deployments[called].ports
    found: list[set[int]] = []
    for app, side, peer, other in (
        (caller, "egress", "to", called),
        (called, "ingress", "from", caller),
    ):
        rules = policies(recording)[app][side]
        found.append(
            {
                port
                for rule in rules
                for each in rule[peer]
                if is_pod(each, other, labels(recording, other))
                for port in port_numbers(rule, ports)
            }
        )
    assert found[0] == found[1], (
        f"{caller} to {called}: one of the two policies refuses the connection"
    )
    return found[0]


def ip_blocks(rules: list[Object], peer: str) -> Iterator[tuple[IPv4Network, Object]]:
    """Yields each CIDR of the rules, with its rule."""
    for rule in rules:
        for each in rule[peer]:
            if "ipBlock" in each:
                yield IPv4Network(each["ipBlock"]["cidr"]), rule


def test_each_namespace_of_an_app_has_a_policy_for_all_pods_and_both_directions(
    recording: Recording,
) -> None:
    assert set(policies(recording)) == set(recording.settings.workloads)
    for spec in policies(recording).values():
        assert spec["podSelector"] == {}, "other pods of the namespace would be unrestricted"
        assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
        for rule in (*spec["ingress"], *spec["egress"]):
            assert rule.get("from") or rule.get("to"), "the rule would allow every peer"
            assert rule["ports"], "the rule would allow every port"
            for peer in values_of(rule, "from", "to"):
                for each in peer:
                    assert set(each) in ({"ipBlock"}, {"namespaceSelector", "podSelector"})


def test_apps_connect_only_to_the_apps_in_talks_to(recording: Recording) -> None:
    apps = recording.settings.deployments
    for caller, app in apps.items():
        for called, other in apps.items():
            allowed = allowed_ports(recording, caller, called)
            expected = set(other.ports.values()) if called in app.talks_to else set[int]()
            peers = app.peers if isinstance(app, Replicated) else None
            if caller == called and peers:
                expected = {app.ports[port] for port in peers.ports}
            assert allowed == expected, f"{caller} to {called}"


def test_rules_select_the_address_of_a_service_with_its_pods(recording: Recording) -> None:
    """The policy controller adds the cluster IP only for Services that select by these labels."""
    services = {
        each["metadata"]["namespace"]: each["spec"]
        for each in of_kind(recording, "Service")
        if each["spec"].get("clusterIP") != "None"
    }
    for spec in policies(recording).values():
        for rule in spec["egress"]:
            for peer in rule["to"]:
                namespace = (
                    peer.get("namespaceSelector", {}).get("matchLabels", {}).get(NAMESPACE_NAME)
                )
                if namespace in services:
                    selector = peer["podSelector"]["matchLabels"]
                    assert selects(selector, services[namespace]["selector"])
                    target_ports = {
                        port["name"]: port["targetPort"] for port in services[namespace]["ports"]
                    }
                    for port in rule["ports"]:
                        assert target_ports[port["port"]] == port["port"]


def test_only_the_load_balancer_and_the_scraper_reach_apps_from_outside_the_cluster(
    recording: Recording,
) -> None:
    network = recording.settings.network
    balancers = recording.settings.load_balancers
    subnets = {
        kind: [
            IPv4Network(str(each.inputs["cidrBlock"]))
            for each in recording.of_type("aws:ec2/subnet:Subnet")
            if f"-{kind}-" in each.name
        ]
        for kind in KINDS
    }
    control_plane = [
        IPv4Network(str(each.inputs["cidrBlock"]))
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-control-plane-" in each.name
    ]
    pods = [
        IPv4Network(str(each.inputs["cidrBlock"]))
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-private-" in each.name or "-pods-" in each.name
    ]
    exposed = recording.settings.exposed
    for name, spec in policies(recording).items():
        app = recording.settings.workloads[name]
        seen: dict[IPv4Network, set[int]] = {}
        for block, rule in ip_blocks(spec["ingress"], "from"):
            assert isinstance(app, Deployed), "no one connects to a cron job"
            seen.setdefault(block, set()).update(port_numbers(rule, app.ports))
        assert not [one for one in seen for other in pods if one.overlaps(other)]
        from_control_plane = {block: seen.pop(block) for block in [*seen] if block in control_plane}
        metrics = app.metrics if isinstance(app, Deployed) else None
        scraped = metrics is not None and recording.settings.scales_on_prometheus
        if not network.existing:
            assert set(from_control_plane) == (set(control_plane) if scraped else set())
            for kind in KINDS:
                admitted = bool(set(subnets[kind]) & set(seen))
                assert admitted is (kind in balancers and name in balancers[kind].exposed), (
                    "a load balancer could not reach the app, or reaches an app that it does not "
                    "expose"
                )
        for ports in from_control_plane.values():
            assert isinstance(app, Deployed)
            assert metrics
            assert ports == {app.ports[metrics.port]}
        assert bool(seen) is bool(name in exposed or (network.existing and scraped))
        if not network.existing:
            for ports in seen.values():
                assert isinstance(app, Deployed)
                assert ports == {app.ports["app"]}


def test_rules_with_cidrs_have_port_numbers(recording: Recording) -> None:
    """A port name has no meaning for a CIDR: the rule would allow nothing."""
    for spec in policies(recording).values():
        for _, rule in ip_blocks(spec["egress"], "to"):
            assert all(isinstance(each["port"], int) for each in rule["ports"])
        for _, rule in ip_blocks(spec["ingress"], "from"):
            assert any(isinstance(each["port"], int) for each in rule["ports"])
            assert any(isinstance(each["port"], str) for each in rule["ports"]), (
                "a new port would cut off pods of the old version"
            )


def test_an_app_reaches_dns_credentials_the_kubernetes_api_and_its_reaches(
    recording: Recording,
) -> None:
    dns = {"UDP": {53}, "TCP": {53}}
    api = {IPv4Network("10.100.0.1/32"), IPv4Network("172.20.0.1/32")}
    agent = IPv4Network("169.254.170.23/32")
    for name, spec in policies(recording).items():
        app = recording.settings.workloads[name]
        [dns_rule] = [
            rule
            for rule in spec["egress"]
            if any(is_pod(peer, "kube-system", {"k8s-app": "kube-dns"}) for peer in rule["to"])
        ]
        assert {each["protocol"]: {each["port"]} for each in dns_rule["ports"]} == dns
        egress = {
            (block, port) for block, rule in ip_blocks(spec["egress"], "to")
            for port in port_numbers(rule, {})
        }  # fmt: skip
        reaches = {(IPv4Network(reach.cidr), reach.port) for reach in app.reaches}
        assert reaches <= egress
        rest = egress - reaches
        assert ((agent, 80) in egress) is bool(app.policies) or (agent, 80) in reaches
        rest.discard((agent, 80))
        if app.service_account_token:
            assert {(each, 443) for each in api} <= egress
            assert all(port == 443 for _, port in rest)
        else:
            assert rest == set()


def test_only_a_traced_app_reaches_the_cloudwatch_agent(
    recording: Recording,
) -> None:
    """The selector of the Service of the agent contains the label of the rule:
    https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/manifestutils/labels.go"""
    service = {
        "app.kubernetes.io/managed-by": "amazon-cloudwatch-agent-operator",
        "app.kubernetes.io/instance": "amazon-cloudwatch.cloudwatch-agent",
        "app.kubernetes.io/part-of": "amazon-cloudwatch-agent",
        "app.kubernetes.io/component": "amazon-cloudwatch-agent",
    }
    for name, spec in policies(recording).items():
        allowed = {
            port
            for rule in spec["egress"]
            for peer in rule["to"]
            if is_pod(peer, "amazon-cloudwatch", service)
            for port in port_numbers(rule, {})
        }
        traced = recording.settings.workloads[name].traced
        assert allowed == ({4317, 4318, 2000} if traced else set()), name


def test_instance_metadata_is_reached_only_by_apps_that_list_it_in_reaches(
    recording: Recording,
) -> None:
    metadata = IPv4Address("169.254.169.254")
    for name, spec in policies(recording).items():
        reaches = [IPv4Network(each.cidr) for each in recording.settings.workloads[name].reaches]
        if not any(metadata in each for each in reaches):
            assert not [1 for block, _ in ip_blocks(spec["egress"], "to") if metadata in block]


def test_no_address_has_more_ports_than_the_agent_stores(recording: Recording) -> None:
    """In the worst case, the address of a called app is also in all CIDRs of `reaches`."""
    for name, spec in policies(recording).items():
        for side, peer in (("ingress", "from"), ("egress", "to")):
            pod_ports = [len(r["ports"]) for r in spec[side] if "podSelector" in r[peer][0]]
            cidr_ports = {
                p["port"] for r in spec[side] if "ipBlock" in r[peer][0] for p in r["ports"]
            }
            added = len(cidr_ports) if side == "egress" else 0
            assert max(pod_ports, default=0) + added <= MAX_PORTS, name


def test_the_vpc_cni_enforces_network_policies(recording: Recording) -> None:
    [cni] = [
        each
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "vpc-cni"
    ]
    assert '"enableNetworkPolicy": "true"' in str(cni.inputs["configurationValues"]), (
        "no network policy would be enforced"
    )


def test_the_program_creates_no_secret_and_apps_refer_to_existing_secrets(
    recording: Recording,
) -> None:
    assert not of_kind(recording, "Secret"), "the secret would be in the state of Pulumi"
    for each in of_kind(recording, "Deployment"):
        app = recording.settings.deployments.get(each["metadata"]["namespace"])
        if app is None:
            continue
        env = pod_of(each)["containers"][0].get("env", [])
        added = ("OTEL_", "TELEMETRY_") if app.traced else ()
        if isinstance(app, Replicated) and app.peers:
            added = (*added, "POD_IP", "PEERS_DNS")
        env = [one for one in env if not one["name"].startswith(added) or one["name"] in app.env]
        values = {one["name"]: one["value"] for one in env if "value" in one}
        sources = {one["name"]: one["valueFrom"] for one in env if "valueFrom" in one}
        references = {n: s["secretKeyRef"] for n, s in sources.items() if "secretKeyRef" in s}
        assert values == app.env
        assert {*sources} - {*references} == {*app.env_fields, *app.env_resources}
        assert references == {
            name: {"name": reference.secret, "key": reference.key}
            for name, reference in app.secret_env.items()
        }
