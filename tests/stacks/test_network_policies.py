"""Who reaches whom, played over the network policies as Kubernetes and the VPC CNI read them."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from tests.stacks.objects import Object, of_kind, pod_of, selects, values_of
from tools.recording import Recording

NAME, SPACE = "app.kubernetes.io/name", "kubernetes.io/metadata.name"
MOST = 24
"""Ports and protocols that the agent keeps for an address.
https://github.com/aws/aws-network-policy-agent/blob/v1.4.1/pkg/ebpf/c/tc.v4egress.bpf.c"""


def policies(recording: Recording) -> dict[str, Object]:
    """The policy of each app's namespace."""
    found = {
        each["metadata"]["namespace"]: each["spec"] for each in of_kind(recording, "NetworkPolicy")
    }
    assert len(found) == len(of_kind(recording, "NetworkPolicy"))
    return found


def labels(recording: Recording, app: str) -> dict[str, str]:
    [found] = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in of_kind(recording, "Deployment")
        if each["metadata"]["namespace"] == app
    ]
    return found


def is_pod(peer: Object, namespace: str, own: dict[str, str]) -> bool:
    """Whether a peer of a rule is the pods of a namespace that have some labels."""
    if "podSelector" not in peer:
        return False
    spaces = peer["namespaceSelector"]["matchLabels"]
    return spaces == {SPACE: namespace} and selects(peer["podSelector"]["matchLabels"], own)


def numbers(rule: Object, ports: dict[str, int]) -> set[int]:
    """The ports of a rule, by number."""
    return {ports[e["port"]] if isinstance(e["port"], str) else e["port"] for e in rule["ports"]}


def reached(recording: Recording, caller: str, called: str) -> set[int]:
    """Ports of an app that the pods of another reach, by both their policies."""
    ports = recording.settings.apps[called].ports
    found: list[set[int]] = []
    for of, side, peer, other in (
        (caller, "egress", "to", called),
        (called, "ingress", "from", caller),
    ):
        rules = policies(recording)[of][side]
        found.append(
            {
                port
                for rule in rules
                for each in rule[peer]
                if is_pod(each, other, labels(recording, other))
                for port in numbers(rule, ports)
            }
        )
    assert found[0] == found[1], f"{caller} may call {called} by one policy only"
    return found[0]


def blocks(rules: list[Object], peer: str) -> Iterator[tuple[IPv4Network, Object]]:
    for rule in rules:
        for each in rule[peer]:
            if "ipBlock" in each:
                yield IPv4Network(each["ipBlock"]["cidr"]), rule


def test_everything_in_an_app_s_namespace_is_shut_in_both_directions(recording: Recording) -> None:
    assert set(policies(recording)) == set(recording.settings.apps)
    for spec in policies(recording).values():
        assert spec["podSelector"] == {}, "whatever else runs there reaches everything"
        assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
        for rule in (*spec["ingress"], *spec["egress"]):
            assert rule.get("from") or rule.get("to"), "open to everybody"
            assert rule["ports"], "open on every port"
            for peer in values_of(rule, "from", "to"):
                for each in peer:
                    assert set(each) in ({"ipBlock"}, {"namespaceSelector", "podSelector"})


def test_apps_talk_to_those_that_they_name_and_to_nobody_else(recording: Recording) -> None:
    apps = recording.settings.apps
    for caller, app in apps.items():
        for called, other in apps.items():
            open_ = reached(recording, caller, called)
            wanted = set(other.ports.values()) if called in app.talks_to else set[int]()
            assert open_ == wanted, f"{caller} to {called}"


def test_a_service_s_address_is_opened_with_its_pods(recording: Recording) -> None:
    """The controller adds it if the Service selects by all labels of the rule."""
    services = {
        each["metadata"]["namespace"]: each["spec"] for each in of_kind(recording, "Service")
    }
    for spec in policies(recording).values():
        for rule in spec["egress"]:
            for peer in rule["to"]:
                space = peer.get("namespaceSelector", {}).get("matchLabels", {}).get(SPACE)
                if space in services:
                    asked = peer["podSelector"]["matchLabels"]
                    assert selects(asked, services[space]["selector"])
                    named = {port["name"]: port["targetPort"] for port in services[space]["ports"]}
                    for port in rule["ports"]:
                        assert named[port["port"]] == port["port"]


def test_only_the_load_balancer_reaches_an_exposed_app_s_port_and_scrapers_its_metrics(
    recording: Recording,
) -> None:
    network = recording.settings.network
    public = [
        IPv4Network(str(each.inputs["cidrBlock"]))
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-public-" in each.name
    ]
    control = [
        IPv4Network(str(each.inputs["cidrBlock"]))
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-control-plane-" in each.name
    ]
    pods = [
        IPv4Network(str(each.inputs["cidrBlock"]))
        for each in recording.of_type("aws:ec2/subnet:Subnet")
        if "-private-" in each.name or "-pods-" in each.name
    ]
    for name, spec in policies(recording).items():
        app = recording.settings.apps[name]
        seen: dict[IPv4Network, set[int]] = {}
        for block, rule in blocks(spec["ingress"], "from"):
            seen.setdefault(block, set()).update(numbers(rule, app.ports))
        assert not [one for one in seen for other in pods if one.overlaps(other)]
        from_control = {block: seen.pop(block) for block in [*seen] if block in control}
        scraped = app.metrics is not None and recording.settings.scales_on_prometheus
        if not network.existing:
            assert set(from_control) == (set(control) if scraped else set())
            assert set(public) <= set(seen) or not app.expose, "no request would come in"
        for ports in from_control.values():
            assert app.metrics
            assert ports == {app.ports[app.metrics.port]}
        assert bool(seen) is bool(app.expose or (network.existing and scraped))
        if not network.existing:
            assert all(ports == {app.port} for ports in seen.values())


def test_ports_of_other_networks_are_numbers(recording: Recording) -> None:
    """Of an address, nobody knows what a name means: the rule would let nothing through."""
    for spec in policies(recording).values():
        for _, rule in blocks(spec["egress"], "to"):
            assert all(isinstance(each["port"], int) for each in rule["ports"])
        for _, rule in blocks(spec["ingress"], "from"):
            assert any(isinstance(each["port"], int) for each in rule["ports"])
            assert any(isinstance(each["port"], str) for each in rule["ports"]), (
                "the pods of the version before would be cut off by a new port"
            )


def test_an_app_reaches_names_its_credentials_the_api_and_what_it_says(
    recording: Recording,
) -> None:
    dns = {"UDP": {53}, "TCP": {53}}
    api = {IPv4Network("10.100.0.1/32"), IPv4Network("172.20.0.1/32")}
    agent = IPv4Network("169.254.170.23/32")
    for name, spec in policies(recording).items():
        app = recording.settings.apps[name]
        [names] = [
            rule
            for rule in spec["egress"]
            if any(is_pod(peer, "kube-system", {"k8s-app": "kube-dns"}) for peer in rule["to"])
        ]
        assert {each["protocol"]: {each["port"]} for each in names["ports"]} == dns
        out = {
            (block, port) for block, rule in blocks(spec["egress"], "to")
            for port in numbers(rule, {})
        }  # fmt: skip
        said = {(IPv4Network(reach.cidr), reach.port) for reach in app.reaches}
        assert said <= out
        rest = out - said
        assert ((agent, 80) in out) is bool(app.policies) or (agent, 80) in said
        rest.discard((agent, 80))
        if app.service_account_token:
            assert {(each, 443) for each in api} <= out
            assert all(port == 443 for _, port in rest)
        else:
            assert rest == set()


def test_a_traced_app_and_no_other_reaches_where_the_agent_takes_traces(
    recording: Recording,
) -> None:
    """By the address of its Service, which selects by the label that the rule does, and others:
    https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/manifestutils/labels.go"""
    service = {
        "app.kubernetes.io/managed-by": "amazon-cloudwatch-agent-operator",
        "app.kubernetes.io/instance": "amazon-cloudwatch.cloudwatch-agent",
        "app.kubernetes.io/part-of": "amazon-cloudwatch-agent",
        "app.kubernetes.io/component": "amazon-cloudwatch-agent",
    }
    for name, spec in policies(recording).items():
        open_ = {
            port
            for rule in spec["egress"]
            for peer in rule["to"]
            if is_pod(peer, "amazon-cloudwatch", service)
            for port in numbers(rule, {})
        }
        traced = recording.settings.apps[name].traced
        assert open_ == ({4317, 4318, 2000} if traced else set()), name


def test_instance_metadata_is_reached_by_no_app_that_does_not_say_so(recording: Recording) -> None:
    metadata = IPv4Address("169.254.169.254")
    for name, spec in policies(recording).items():
        said = [IPv4Network(each.cidr) for each in recording.settings.apps[name].reaches]
        if not any(metadata in each for each in said):
            assert not [1 for block, _ in blocks(spec["egress"], "to") if metadata in block]


def test_no_address_has_more_ports_than_the_agent_keeps(recording: Recording) -> None:
    """At worst, an app that is talked to is where everything else is reached as well."""
    for name, spec in policies(recording).items():
        for side, peer in (("ingress", "from"), ("egress", "to")):
            by_pods = [len(r["ports"]) for r in spec[side] if "podSelector" in r[peer][0]]
            anywhere = {
                p["port"] for r in spec[side] if "ipBlock" in r[peer][0] for p in r["ports"]
            }
            beside = len(anywhere) if side == "egress" else 0
            assert max(by_pods, default=0) + beside <= MOST, name


def test_the_vpc_cni_keeps_to_policies(recording: Recording) -> None:
    [cni] = [
        each
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "vpc-cni"
    ]
    assert '"enableNetworkPolicy": "true"' in str(cni.inputs["configurationValues"]), (
        "every policy would be written down, and none kept"
    )


def test_no_value_of_an_environment_comes_from_a_secret_here(recording: Recording) -> None:
    assert not of_kind(recording, "Secret"), "it would be in Pulumi's state"
    for each in of_kind(recording, "Deployment"):
        app = recording.settings.apps.get(each["metadata"]["namespace"])
        if app is None:
            continue
        env = pod_of(each)["containers"][0].get("env", [])
        told = ("OTEL_", "TELEMETRY_") if app.traced else ()
        env = [one for one in env if not one["name"].startswith(told) or one["name"] in app.env]
        given = {one["name"]: one["value"] for one in env if "value" in one}
        referred = {
            one["name"]: one["valueFrom"]["secretKeyRef"] for one in env if "valueFrom" in one
        }
        assert given == app.env
        assert referred == {
            key: {"name": of.secret, "key": of.key} for key, of in app.secret_env.items()
        }
