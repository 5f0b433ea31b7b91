"""What an invoke answers with, by its token."""

from collections.abc import Callable

from tools.recording.made_up_outputs.account_and_vpc import (
    ACCOUNT,
    Cloud,
    Inputs,
    NotThereError,
    Outputs,
)


def _caller(cloud: Cloud, args: Inputs) -> Outputs:
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "userId": "AROAEXAMPLE:deployer",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session",
    }


def _session(cloud: Cloud, args: Inputs) -> Outputs:
    return {
        "id": args["arn"],
        "arn": args["arn"],
        "issuerArn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
        "issuerId": "AROAEXAMPLE",
        "issuerName": "deployer",
        "sessionName": "session",
    }


def _no_clusters(cloud: Cloud, args: Inputs) -> Outputs:
    """There is no cell yet."""
    return {"id": cloud.region, "names": []}


def _subnet(cloud: Cloud, args: Inputs) -> Outputs:
    place = cloud.subnets.get(args["id"])
    if place is None:
        raise NotThereError("no matching EC2 Subnet found")
    return {
        "id": args["id"],
        "availabilityZone": place.zone,
        "vpcId": place.vpc_id,
        "cidrBlock": place.cidr,
    }


CALLS: dict[str, Callable[[Cloud, Inputs], Outputs]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:eks/getClusters:getClusters": _no_clusters,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:iam/getSessionContext:getSessionContext": _session,
}
