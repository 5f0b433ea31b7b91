"""What a new resource answers with beside its inputs, by type."""

from tools.recording.made_up_outputs.account_and_vpc import (
    ACCOUNT,
    Answer,
    Cloud,
    Inputs,
    Outputs,
    digest,
    uuid,
)
from tools.recording.made_up_outputs.monitoring import WATCHING


def _numbered(prefix: str, **more: str) -> Answer:
    """An EC2 resource, by an id with a prefix; `more` are further ids by output name."""

    def answer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        id_ = f"{prefix}-{digest(prefix + name)}"
        others = {output: f"{kind}-{digest(kind + name)}" for output, kind in more.items()}
        return id_, {"arn": cloud.arn("ec2", f"{prefix}/{id_}"), "ownerId": ACCOUNT, **others}

    return answer


def _named(service: str, kind: str, *, regional: bool = True) -> Answer:
    """A resource whose id is its name, made up by Pulumi unless given."""

    def answer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        given = inputs.get("name") or f"{name}-{digest(name, 7)}"
        return given, {
            "name": given,
            "arn": cloud.arn(
                service, f"{kind}{given}", regional=regional, region=inputs.get("region")
            ),
        }

    return answer


def _key(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"keyId": id_, "arn": cloud.arn("kms", f"key/{id_}", region=inputs.get("region"))}


def _launch_template(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _numbered("lt")(cloud, name, inputs)
    return id_, {**outputs, "name": f"{name}-{digest('lt' + name, 7)}", "latestVersion": 1}


def _of_cluster(kind: str, *keys: str) -> Answer:
    """A part of a cluster, whose id is the cluster's name and its own."""

    def answer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        own = next((inputs[key] for key in keys if key in inputs), f"{name}-{digest(name, 7)}")
        cluster = inputs["clusterName"]
        return f"{cluster}:{own}", {
            "arn": cloud.arn("eks", f"{kind}/{cluster}/{own}/{digest(name)}")
        }

    return answer


def _node_group(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _of_cluster("nodegroup", "nodeGroupName")(cloud, name, inputs)
    scaling = f"eks-{id_.partition(':')[2]}-{uuid('asg' + name)}"
    return id_, {**outputs, "resources": [{"autoscalingGroups": [{"name": scaling}]}]}


def _tag(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['autoscalingGroupName']},{inputs['tag']['key']}", {}


def _cluster(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    cluster = inputs["name"]
    host = digest(cluster, 32).upper()
    return cluster, {
        "arn": cloud.arn("eks", f"cluster/{cluster}"),
        "endpoint": f"https://{host}.gr7.{cloud.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0VSVElGSUNBVEU="},
        "vpcConfig": {
            **inputs["vpcConfig"],
            "clusterSecurityGroupId": f"sg-{digest('cluster' + cluster)}",
        },
    }


def _end(arn: str) -> str:
    """The end of an ARN of Elastic Load Balancing, as its metrics have it."""
    return arn.rpartition(":")[2].removeprefix("loadbalancer/")


def _balanced(kind: str) -> Answer:
    """A part of Elastic Load Balancing, whose id is its ARN."""

    def answer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        given = inputs.get("name") or f"{name}-{digest(name, 7)}"
        arn = cloud.arn("elasticloadbalancing", f"{kind}/{given}/{digest(name, 16)}")
        return arn, {"arn": arn, "arnSuffix": _end(arn), "name": given}

    return answer


def _load_balancer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn, outputs = _balanced("loadbalancer/app")(cloud, name, inputs)
    host = f"{outputs['name']}-{digest('dns' + name, 10)}.{cloud.region}.elb.amazonaws.com"
    zone = f"Z{digest('elb' + cloud.region, 13).upper()}"
    return arn, {**outputs, "dnsName": host, "zoneId": zone}


def _certificate(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """A certificate, which is proved by the same record as all others of the account for a name."""
    domain = inputs["domainName"]
    arn = cloud.arn("acm", f"certificate/{uuid(f'certificate {name} {domain}')}")
    proof = {
        "domainName": domain,
        "resourceRecordName": f"_{digest(ACCOUNT + domain, 32)}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest(domain + ACCOUNT, 32)}.acm-validations.aws.",
    }
    return arn, {"arn": arn, "domainValidationOptions": [proof]}


def _bucket(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    bucket = inputs.get("bucket") or f"{name}-{digest(name, 7)}"
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _of_bucket(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """A setting of a bucket, whose id is the bucket's."""
    return inputs["bucket"], {}


def _web_acl(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, given = uuid("acl" + name), inputs.get("name") or f"{name}-{digest(name, 7)}"
    return id_, {"name": given, "arn": cloud.arn("wafv2", f"regional/webacl/{given}/{id_}")}


def _guarded(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['webAclArn']},{inputs['resourceArn']}", {}


def _health_check(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid("check" + name)
    return id_, {"arn": f"arn:aws:route53:::healthcheck/{id_}"}


def _record(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    parts = (inputs["zoneId"], inputs["name"], inputs["type"], inputs.get("setIdentifier"))
    return "_".join(part for part in parts if part), {"fqdn": inputs["name"]}


def _workspace(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    d = digest("ws" + name, 32)
    id_ = f"ws-{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
    host = f"aps-workspaces.{cloud.region}.amazonaws.com"
    return id_, {
        "arn": cloud.arn("aps", f"workspace/{id_}"),
        "prometheusEndpoint": f"https://{host}/workspaces/{id_}/",
    }


def _scraper(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    d = digest("scraper" + name, 32)
    id_ = f"s-{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
    return id_, {"arn": cloud.arn("aps", f"scraper/{id_}")}


def _cached_from(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["ecrRepositoryPrefix"], {"registryId": ACCOUNT}


def _repository(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    own = inputs["name"]
    return own, {
        "arn": cloud.arn("ecr", f"repository/{own}"),
        "registryId": ACCOUNT,
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{cloud.region}.amazonaws.com/{own}",
    }


def _of_repository(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["repository"], {"registryId": ACCOUNT}


def kubernetes_object(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """A Kubernetes object, by its namespace and name; nothing here leaves naming to the server."""
    metadata = inputs["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"]))), {}


def _release(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['namespace']}/{inputs['name']}", {}


RESOURCES: dict[str, Answer] = {
    **WATCHING,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:amp/scraper:Scraper": _scraper,
    "aws:amp/workspace:Workspace": _workspace,
    "aws:autoscaling/tag:Tag": _tag,
    "aws:cloudwatch/logGroup:LogGroup": _named("logs", "log-group:"),
    "aws:ec2/capacityReservation:CapacityReservation": _numbered("cr"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _numbered("sg"),
    "aws:ec2/eip:Eip": _numbered("eipalloc"),
    "aws:ec2/flowLog:FlowLog": _numbered("fl"),
    "aws:ec2/internetGateway:InternetGateway": _numbered("igw"),
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ec2/natGateway:NatGateway": _numbered("nat"),
    "aws:ec2/route:Route": _numbered("r"),
    "aws:ec2/routeTable:RouteTable": _numbered("rtb"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _numbered("rtbassoc"),
    "aws:ec2/securityGroup:SecurityGroup": _numbered("sg"),
    "aws:ec2/subnet:Subnet": _numbered("subnet"),
    "aws:ec2/vpc:Vpc": _numbered("vpc", defaultSecurityGroupId="sg", mainRouteTableId="rtb"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _numbered("vpce"),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _numbered("vpc-cidr-assoc"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _of_repository,
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _cached_from,
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/accessEntry:AccessEntry": _of_cluster("access-entry", "principalArn"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _of_cluster("", "principalArn"),
    "aws:eks/addon:Addon": _of_cluster("addon", "addonName"),
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _of_cluster("podidentityassociation"),
    "aws:iam/role:Role": _named("iam", "role/", regional=False),
    "aws:kms/alias:Alias": _named("kms", ""),
    "aws:kms/key:Key": _key,
    "aws:lb/listener:Listener": _balanced("listener/app"),
    "aws:lb/listenerRule:ListenerRule": _balanced("listener-rule/app"),
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _balanced("targetgroup"),
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/record:Record": _record,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _of_bucket,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _of_bucket,
    "aws:s3/bucketPolicy:BucketPolicy": _of_bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _of_bucket,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _of_bucket
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _numbered("sgr"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _numbered("sgr"),
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _guarded,
    "kubernetes:helm.sh/v3:Release": _release,
}
