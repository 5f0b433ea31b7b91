"""Log archive: an S3 bucket that stores the logs of pods for longer than CloudWatch.

Every 10 minutes, Fluent Bit writes a compressed file for each container, into a folder for the
namespace of the app and the hour. Until then, the logs are on the disk of the node. If a node
fails, the archive lacks up to 10 minutes of its logs; CloudWatch contains them.
"""

from dataclasses import dataclass

import pulumi

from components.log_bucket import log_bucket
from components.observability.agents.fluent_bit import STATE, TAGS, Section, text
from core.iam import Document, allow, deny_without_tls, policy
from settings.observability.observability import Archive


@dataclass(frozen=True, kw_only=True)
class LogArchive:
    """Access to the archive bucket."""

    rights: pulumi.Output[Document]
    """IAM policy that allows only writing objects."""
    output: pulumi.Output[str]
    """Output section of the Fluent Bit configuration."""


def log_archive(
    name: str, archive: Archive, cell: str, region: str, parent: pulumi.Resource
) -> LogArchive:
    """Creates the archive bucket."""
    bucket = log_bucket(
        name,
        archive.days,
        lambda bucket, objects: policy(deny_without_tls(bucket, objects)),
        protected=archive.deletion_protection,
        parent=parent,
    )
    return LogArchive(
        rights=bucket.apply(
            lambda bucket: policy(allow(["s3:PutObject"], f"arn:aws:s3:::{bucket}/*"))
        ),
        output=bucket.apply(lambda bucket: text([output(bucket, cell, region)])),
    )


def output(bucket: str, cell: str, region: str) -> Section:
    """Returns the Fluent Bit output to the bucket, in addition to the log group.

    Parts of the tag: TAG[4] is the pod, TAG[5] its namespace:
    application.var.log.containers.POD_NAMESPACE_CONTAINER-ID.log
    https://docs.fluentbit.io/manual/pipeline/outputs/s3
    """
    return Section(
        kind="OUTPUT",
        options={
            "Name": "s3",
            "Match": TAGS,
            "bucket": bucket,
            "region": region,
            "total_file_size": "50M",
            "upload_timeout": "10m",
            "use_put_object": "On",
            "compression": "gzip",
            "s3_key_format": f"/{cell}/$TAG[5]/%Y/%m/%d/%H/$TAG[4]-$UUID.gz",
            "s3_key_format_tag_delimiters": "._",
            "store_dir": f"{STATE}/s3",
            "store_dir_limit_size": "500M",
        },
    )
