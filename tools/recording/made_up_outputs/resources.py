"""Made-up IDs and outputs of new resources, in addition to their inputs, by type."""

from tools.recording.made_up_outputs.account import ACCOUNT, Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.backup import BACKUP
from tools.recording.made_up_outputs.efs import EFS
from tools.recording.made_up_outputs.eks import EKS
from tools.recording.made_up_outputs.ids import digest, uuid
from tools.recording.made_up_outputs.load_balancing import LOAD_BALANCING
from tools.recording.made_up_outputs.monitoring import MONITORING
from tools.recording.made_up_outputs.rds import RDS
from tools.recording.made_up_outputs.vpc import VPC


def _named_resource(service: str, kind: str, *, regional: bool = True) -> MakeOutputs:
    """Returns the function that makes up a resource whose ID is its name.

    Pulumi generates a missing name.
    """

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
        return physical_name, {
            "name": physical_name,
            "arn": account.arn(
                service, f"{kind}{physical_name}", regional=regional, region=inputs.get("region")
            ),
        }

    return make_outputs


def _key(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"keyId": id_, "arn": account.arn("kms", f"key/{id_}", region=inputs.get("region"))}


def _bucket(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    bucket = inputs.get("bucket") or f"{name}-{digest(name, 7)}"
    return bucket, {"bucket": bucket, "arn": f"arn:aws:s3:::{bucket}"}


def _bucket_setting(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a setting of a bucket. The ID is the name of the bucket."""
    return inputs["bucket"], {}


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

    Every object of this project has a name in its metadata. Pulumi generates a missing name of an
    object of an extension.
    """
    metadata = inputs["metadata"]
    physical_name = metadata.get("name") or f"{name}-{digest(name, 8)}"
    return "/".join(filter(None, (metadata.get("namespace"), physical_name))), {}


def _release(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs.get("name") or f"{name}-{digest(name, 8)}"
    return f"{inputs.get('namespace', 'default')}/{physical_name}", {}


RESOURCES: dict[str, MakeOutputs] = {
    **BACKUP,
    **EFS,
    **EKS,
    **LOAD_BALANCING,
    **MONITORING,
    **RDS,
    **VPC,
    "aws:amp/scraper:Scraper": _scraper,
    "aws:amp/workspace:Workspace": _workspace,
    "aws:cloudwatch/eventRule:EventRule": _named_resource("events", "rule/"),
    "aws:cloudwatch/logGroup:LogGroup": _named_resource("logs", "log-group:"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _lifecycle_policy,
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _pull_through_cache_rule,
    "aws:ecr/repository:Repository": _repository,
    "aws:iam/role:Role": _named_resource("iam", "role/", regional=False),
    "aws:kms/alias:Alias": _named_resource("kms", ""),
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_setting,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_setting,
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _bucket_setting
    ),
    "kubernetes:helm.sh/v3:Release": _release,
}
