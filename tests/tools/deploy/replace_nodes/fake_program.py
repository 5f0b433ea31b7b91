"""Simulates `pulumi`, `aws` and `kubectl`: `fake_program.py WORLD PROGRAM ARGUMENT …`.

WORLD is a JSON file with the node groups. Its journal records every call that changes something.
The tests start this program hundreds of times, so it imports as little as possible.
"""
# ruff: noqa: PTH116, PTH120, PTH123

import json
import os
import sys

GROUP = "urn:pulumi:own::ha-eks::ha-eks:index:NodeGroups$aws:eks/nodeGroup:NodeGroup::"
TARGETS = "urn:pulumi:own::ha-eks::ha-eks:index:LoadBalancing$aws:lb/targetGroup:TargetGroup::lb-"


def pulumi(world: dict, *arguments: str) -> object:
    if arguments[:2] == ("stack", "export"):
        groups = {GROUP + logical: f"own:{name}" for logical, name in world["state"].items()}
        resources = {**groups, TARGETS + "web": "arn:aws:x:targetgroup/own-web/1"}
        listed = [{"urn": urn, "id": id_, "type": urn.split("::")[2].split("$")[-1]}
                for urn, id_ in resources.items()]  # fmt: skip
        return {"deployment": {"resources": listed}}
    if arguments[:3] == ("stack", "output", "kubeconfig"):
        return {"kind": "Config"}
    assert arguments[:5] == ("up", "--stack", "own", "--yes", "--skip-preview")
    step, logical = os.environ["HA_EKS_REPLACE"].split(":")
    assert GROUP + logical in arguments
    if step == "create":
        zone = logical.removeprefix("nodes-general-")
        world["groups"][f"{logical}-2"] = {**world["groups"][world["state"][logical]],
                                           "amiType": world["wanted"], "zone": zone}  # fmt: skip
        world["state"][logical] = f"{logical}-2"
    world["journal"].append(f"{step} {logical}")
    return "updated"


def aws(world: dict, service: str, command: str, *arguments: str) -> object:
    if command == "get-caller-identity":
        return {"Account": "210987654321"}
    if command == "describe-availability-zones":
        return {"AvailabilityZones": [{"ZoneName": "us-east-1e"}]}
    if command == "describe-cluster":
        return {"cluster": {"version": "1.36"}}
    if command == "list-addons":
        return {"addons": []}
    if command == "describe-subnets":
        return {"Subnets": [{"AvailabilityZone": arguments[1].removeprefix("subnet-")}]}
    if command == "describe-target-health":
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 2}
    if command == "describe-auto-scaling-groups":
        return {"AutoScalingGroups": [
            {"AvailabilityZones": [group["zone"]], "MinSize": group["size"]["minSize"]}
            for group in world["groups"].values()
        ]}  # fmt: skip
    if command == "list-nodegroups":
        return {"nodegroups": list(world["groups"])}
    name = arguments[arguments.index("--nodegroup-name") + 1]
    group = world["groups"][name]
    if command == "describe-nodegroup":
        return {"nodegroup": {
            "version": "1.36", "status": "ACTIVE", "capacityType": "ON_DEMAND",
            "amiType": group["amiType"], "subnets": [f"subnet-{group['zone']}"],
            "scalingConfig": group["size"],
            "tags": {"ha-eks:cell": "own", "ha-eks:pool": "general", "ha-eks:zone": group["zone"]},
        }}  # fmt: skip
    if command == "delete-nodegroup":
        assert name in world["drained"], "the node group still has pods"
        del world["groups"][name]
    else:
        scaling = arguments[arguments.index("--scaling-config") + 1]
        size = dict(each.split("=") for each in scaling.split(","))
        group["size"] = {key: int(value) for key, value in size.items()}
    world["journal"].append(f"{command} {name}")
    return {}


def kubectl(world: dict, *arguments: str) -> object:
    if arguments[0] == "version":
        return "Client Version: v1.36.2"
    file, command, name = arguments[1], arguments[2], arguments[3]
    mode = oct(os.stat(os.path.dirname(file)).st_mode & 0o777)
    world["kubeconfig"] = [file, mode, read(file)]
    if command == "get" and name == "deployments":
        metadata, spec = {"name": "web", "namespace": "web"}, {"replicas": 2}
        return {"items": [{"metadata": metadata, "spec": spec, "status": {"readyReplicas": 2}}]}
    if command == "get":
        group = arguments[arguments.index("--selector") + 1].partition("=")[2]
        count = world["groups"][group]["size"]["desiredSize"]
        spec = {"unschedulable": group in world["cordoned"]}
        status = {"conditions": [{"type": "Ready", "status": "True"}]}
        return {"items": [{"metadata": {"name": f"{group}.{i}"}, "spec": spec, "status": status}
                          for i in range(count)]}  # fmt: skip
    world["cordoned" if command == "cordon" else "drained"].append(name.partition(".")[0])
    world["journal"].append(f"{command} {name}")
    return "done"


def read(file: str) -> str:
    with open(file) as opened:
        return opened.read()


def main() -> int:
    file, program, *arguments = sys.argv[1:]
    world = json.loads(read(file))
    call = " ".join([program, *(arguments[2:] if "--kubeconfig" in arguments else arguments)])
    if world["fails"] and call.startswith(world["fails"]):
        print(f"first line\n{world['error']}\n", file=sys.stderr)
        return 1
    if world["prints_html"] and call.startswith(world["prints_html"]):
        print("<html>")
        return 0
    answer = {"pulumi": pulumi, "aws": aws, "kubectl": kubectl}[program](world, *arguments)
    with open(file, "w") as changed:
        json.dump(world, changed)
    print(answer if isinstance(answer, str) else json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
