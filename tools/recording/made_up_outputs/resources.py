"""Made-up outputs of new resources, in addition to their inputs, by type."""

from tools.recording.made_up_outputs.account import (
    ACCOUNT,
    Account,
    Answer,
    Inputs,
    Outputs,
    digest,
    uuid,
)
from tools.recording.made_up_outputs.monitoring import MONITORING


def _ec2_resource(prefix: str, **more: str) -> Answer:
    """Returns the answer for an EC2 resource, whose ID has a prefix.

    `more` has the prefixes of further IDs, by output name.
    """

    def answer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        id_ = f"{prefix}-{digest(prefix + name)}"
        further_ids = {output: f"{kind}-{digest(kind + name)}" for output, kind in more.items()}
        return id_, {
            "arn": account.arn("ec2", f"{prefix}/{id_}"),
            "ownerId": ACCOUNT,
            **further_ids,
        }

    return answer


def _named_resource(service: str, kind: str, *, regional: bool = True) -> Answer:
    """Returns the answer for a resource whose ID is its name. Pulumi generates a missing name."""

    def answer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
        return physical_name, {
            "name": physical_name,
            "arn": account.arn(
                service, f"{kind}{physical_name}", regional=regional, region=inputs.get("region")
            ),
        }

    return answer


def _key(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"keyId": id_, "arn": account.arn("kms", f"key/{id_}", region=inputs.get("region"))}


def _launch_template(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _ec2_resource("lt")(account, name, inputs)
    return id_, {**outputs, "name": f"{name}-{digest('lt' + name, 7)}", "latestVersion": 1}


def _cluster_part(kind: str, *keys: str) -> Answer:
    """Returns the answer for a part of a cluster, whose ID is CLUSTER:NAME.

    NAME is the first of the inputs `keys` that is set.
    """

    def answer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = next(
            (inputs[key] for key in keys if key in inputs), f"{name}-{digest(name, 7)}"
        )
        cluster = inputs["clusterName"]
        return f"{cluster}:{physical_name}", {
            "arn": account.arn("eks", f"{kind}/{cluster}/{physical_name}/{digest(name)}")
        }

    return answer


def _node_group(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _cluster_part("nodegroup", "nodeGroupName")(account, name, inputs)
    auto_scaling_group = f"eks-{id_.partition(':')[2]}-{uuid('asg' + name)}"
    return id_, {**outputs, "resources": [{"autoscalingGroups": [{"name": auto_scaling_group}]}]}


def _auto_scaling_tag(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['autoscalingGroupName']},{inputs['tag']['key']}", {}


def _cluster(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    cluster = inputs["name"]
    host = digest(cluster, 32).upper()
    return cluster, {
        "arn": account.arn("eks", f"cluster/{cluster}"),
        "endpoint": f"https://{host}.gr7.{account.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0VSVElGSUNBVEU="},
        "vpcConfig": {
            **inputs["vpcConfig"],
            "clusterSecurityGroupId": f"sg-{digest('cluster' + cluster)}",
        },
    }


def _arn_suffix(arn: str) -> str:
    """Returns the end of an Elastic Load Balancing ARN, which is the dimension of metrics."""
    return arn.rpartition(":")[2].removeprefix("loadbalancer/")


def _elb_resource(kind: str) -> Answer:
    """Returns the answer for an Elastic Load Balancing resource, whose ID is its ARN."""

    def answer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
        arn = account.arn("elasticloadbalancing", f"{kind}/{physical_name}/{digest(name, 16)}")
        return arn, {"arn": arn, "arnSuffix": _arn_suffix(arn), "name": physical_name}

    return answer


def _load_balancer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn, outputs = _elb_resource("loadbalancer/app")(account, name, inputs)
    host = f"{outputs['name']}-{digest('dns' + name, 10)}.{account.region}.elb.amazonaws.com"
    zone = f"Z{digest('elb' + account.region, 13).upper()}"
    return arn, {**outputs, "dnsName": host, "zoneId": zone}


def _certificate(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a certificate.

    ACM uses the same validation record for all certificates of a domain name in an account.
    """
    domain = inputs["domainName"]
    arn = account.arn("acm", f"certificate/{uuid(f'certificate {name} {domain}')}")
    validation = {
        "domainName": domain,
        "resourceRecordName": f"_{digest(ACCOUNT + domain, 32)}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest(domain + ACCOUNT, 32)}.acm-validations.aws.",
    }
    return arn, {"arn": arn, "domainValidationOptions": [validation]}


def _bucket(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    bucket = inputs.get("bucket") or f"{name}-{digest(name, 7)}"
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _bucket_setting(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a setting of a bucket. The ID is the name of the bucket."""
    return inputs["bucket"], {}


def _web_acl(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, physical_name = uuid("acl" + name), inputs.get("name") or f"{name}-{digest(name, 7)}"
    return id_, {
        "name": physical_name,
        "arn": account.arn("wafv2", f"regional/webacl/{physical_name}/{id_}"),
    }


def _web_acl_association(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['webAclArn']},{inputs['resourceArn']}", {}


def _health_check(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid("check" + name)
    return id_, {"arn": f"arn:aws:route53:::healthcheck/{id_}"}


def _record(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    parts = (inputs["zoneId"], inputs["name"], inputs["type"], inputs.get("setIdentifier"))
    return "_".join(part for part in parts if part), {"fqdn": inputs["name"]}


def _workspace(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    d = digest("ws" + name, 32)
    id_ = f"ws-{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
    host = f"aps-workspaces.{account.region}.amazonaws.com"
    return id_, {
        "arn": account.arn("aps", f"workspace/{id_}"),
        "prometheusEndpoint": f"https://{host}/workspaces/{id_}/",
    }


def _scraper(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    d = digest("scraper" + name, 32)
    id_ = f"s-{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
    return id_, {"arn": account.arn("aps", f"scraper/{id_}")}


def _pull_through_cache_rule(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["ecrRepositoryPrefix"], {"registryId": ACCOUNT}


def _repository(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs["name"]
    return physical_name, {
        "arn": account.arn("ecr", f"repository/{physical_name}"),
        "registryId": ACCOUNT,
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{account.region}.amazonaws.com/{physical_name}",
    }


def _lifecycle_policy(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["repository"], {"registryId": ACCOUNT}


def kubernetes_object(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a Kubernetes object, whose ID is NAMESPACE/NAME.

    Every object of this project has a name in its metadata.
    """
    metadata = inputs["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"]))), {}


def _release(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['namespace']}/{inputs['name']}", {}


RESOURCES: dict[str, Answer] = {
    **MONITORING,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:amp/scraper:Scraper": _scraper,
    "aws:amp/workspace:Workspace": _workspace,
    "aws:autoscaling/tag:Tag": _auto_scaling_tag,
    "aws:cloudwatch/logGroup:LogGroup": _named_resource("logs", "log-group:"),
    "aws:ec2/capacityReservation:CapacityReservation": _ec2_resource("cr"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2_resource("sg"),
    "aws:ec2/eip:Eip": _ec2_resource("eipalloc"),
    "aws:ec2/flowLog:FlowLog": _ec2_resource("fl"),
    "aws:ec2/internetGateway:InternetGateway": _ec2_resource("igw"),
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ec2/natGateway:NatGateway": _ec2_resource("nat"),
    "aws:ec2/route:Route": _ec2_resource("r"),
    "aws:ec2/routeTable:RouteTable": _ec2_resource("rtb"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _ec2_resource("rtbassoc"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2_resource("sg"),
    "aws:ec2/subnet:Subnet": _ec2_resource("subnet"),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": _ec2_resource("scr"),
    "aws:ec2/vpc:Vpc": _ec2_resource("vpc", defaultSecurityGroupId="sg", mainRouteTableId="rtb"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2_resource("vpce"),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _ec2_resource(
        "vpc-cidr-assoc"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _lifecycle_policy,
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _pull_through_cache_rule,
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/accessEntry:AccessEntry": _cluster_part("access-entry", "principalArn"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _cluster_part("", "principalArn"),
    "aws:eks/addon:Addon": _cluster_part("addon", "addonName"),
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _cluster_part(
        "podidentityassociation"
    ),
    "aws:iam/role:Role": _named_resource("iam", "role/", regional=False),
    "aws:kms/alias:Alias": _named_resource("kms", ""),
    "aws:kms/key:Key": _key,
    "aws:lb/listener:Listener": _elb_resource("listener/app"),
    "aws:lb/listenerRule:ListenerRule": _elb_resource("listener-rule/app"),
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _elb_resource("targetgroup"),
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/record:Record": _record,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_setting,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_setting,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _bucket_setting
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ec2_resource("sgr"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ec2_resource("sgr"),
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _web_acl_association,
    "kubernetes:helm.sh/v3:Release": _release,
}
