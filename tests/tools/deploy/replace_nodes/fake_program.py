"""Plays `pulumi`, `aws` and `kubectl`, as a process: `fake_program.py WORLD PROGRAM ARGUMENT …`.

WORLD is a file with what there is, as JSON. What changes something is written into its journal.
It is started hundreds of times, and imports only what it cannot do without.
"""
# ruff: noqa: PTH116, PTH120, PTH123

import json
import os
import sys

GROUP = "urn:pulumi:own::ha-eks::ha-eks:index:NodeGroups$aws:eks/nodeGroup:NodeGroup::"
TARGETS = "urn:pulumi:own::ha-eks::ha-eks:index:LoadBalancing$aws:lb/targetGroup:TargetGroup::lb-"


def pulumi(world: dict, *said: str) -> object:
    if said[:2] == ("stack", "export"):
        groups = {GROUP + logical: f"own:{name}" for logical, name in world["state"].items()}
        things = {**groups, TARGETS + "web": "arn:aws:x:targetgroup/own-web/1"}
        kept = [{"urn": urn, "id": id_, "type": urn.split("::")[2].split("$")[-1]}
                for urn, id_ in things.items()]  # fmt: skip
        return {"deployment": {"resources": kept}}
    if said[:3] == ("stack", "output", "kubeconfig"):
        return {"kind": "Config"}
    assert said[:5] == ("up", "--stack", "own", "--yes", "--skip-preview")
    step, logical = os.environ["HA_EKS_REPLACE"].split(":")
    assert GROUP + logical in said
    if step == "create":
        zone = logical.removeprefix("nodes-general-")
        world["groups"][f"{logical}-2"] = {**world["groups"][world["state"][logical]],
                                           "amiType": world["wanted"], "zone": zone}  # fmt: skip
        world["state"][logical] = f"{logical}-2"
    world["journal"].append(f"{step} {logical}")
    return "updated"


def aws(world: dict, service: str, command: str, *said: str) -> object:
    if command == "get-caller-identity":
        return {"Account": "210987654321"}
    if command == "describe-cluster":
        return {"cluster": {"version": "1.36"}}
    if command == "describe-subnets":
        return {"Subnets": [{"AvailabilityZone": said[1].removeprefix("subnet-")}]}
    if command == "describe-target-health":
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 2}
    if command == "list-nodegroups":
        return {"nodegroups": list(world["groups"])}
    name = said[said.index("--nodegroup-name") + 1]
    group = world["groups"][name]
    if command == "describe-nodegroup":
        return {"nodegroup": {
            "version": "1.36", "status": "ACTIVE", "capacityType": "ON_DEMAND",
            "amiType": group["amiType"], "subnets": [f"subnet-{group['zone']}"],
            "scalingConfig": group["size"],
            "tags": {"ha-eks:cell": "own", "ha-eks:pool": "general", "ha-eks:zone": group["zone"]},
        }}  # fmt: skip
    if command == "delete-nodegroup":
        assert name in world["drained"], "pods are on it"
        del world["groups"][name]
    else:
        size = dict(each.split("=") for each in said[said.index("--scaling-config") + 1].split(","))
        group["size"] = {key: int(value) for key, value in size.items()}
    world["journal"].append(f"{command} {name}")
    return {}


def kubectl(world: dict, *said: str) -> object:
    if said[0] == "version":
        return "Client Version: v1.36.2"
    file, command, what = said[1], said[2], said[3]
    mode = oct(os.stat(os.path.dirname(file)).st_mode & 0o777)
    world["kubeconfig"] = [file, mode, read(file)]
    if command == "get" and what == "deployments":
        metadata, spec = {"name": "web", "namespace": "web"}, {"replicas": 2}
        return {"items": [{"metadata": metadata, "spec": spec, "status": {"readyReplicas": 2}}]}
    if command == "get":
        group = said[said.index("--selector") + 1].partition("=")[2]
        count = world["groups"][group]["size"]["desiredSize"]
        spec = {"unschedulable": group in world["cordoned"]}
        status = {"conditions": [{"type": "Ready", "status": "True"}]}
        return {"items": [{"metadata": {"name": f"{group}.{i}"}, "spec": spec, "status": status}
                          for i in range(count)]}  # fmt: skip
    world["cordoned" if command == "cordon" else "drained"].append(what.partition(".")[0])
    world["journal"].append(f"{command} {what}")
    return "done"


def read(file: str) -> str:
    with open(file) as opened:
        return opened.read()


def main() -> int:
    file, program, *said = sys.argv[1:]
    world = json.loads(read(file))
    words = " ".join([program, *(said[2:] if "--kubeconfig" in said else said)])
    if world["fails"] and words.startswith(world["fails"]):
        print(f"first\n{world['says']}\n", file=sys.stderr)
        return 1
    if world["garbles"] and words.startswith(world["garbles"]):
        print("<html>")
        return 0
    answer = {"pulumi": pulumi, "aws": aws, "kubectl": kubectl}[program](world, *said)
    with open(file, "w") as changed:
        json.dump(world, changed)
    print(answer if isinstance(answer, str) else json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
