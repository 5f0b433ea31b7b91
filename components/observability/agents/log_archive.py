"""A bucket that keeps the logs of pods for longer than CloudWatch.

Fluent Bit writes a file for each container every 10 minutes, compressed, in a folder of the app's
namespace and the hour. What it has not sent is on the node, and goes with it: a node that is lost
takes up to 10 minutes of logs along, which CloudWatch has.
"""

from dataclasses import dataclass

import pulumi

from components.log_bucket import closed_bucket
from components.observability.agents.fluent_bit import STATE, TAGS, Section, text
from core.iam import Document, allow, only_over_tls, policy
from settings.observability.observability import Archive


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A bucket for logs."""

    rights: pulumi.Output[Document]
    """What writes to it may do: that, and nothing else."""
    output: pulumi.Output[str]
    """How Fluent Bit writes to it."""


def kept(name: str, archive: Archive, cell: str, region: str, parent: pulumi.Resource) -> Kept:
    """The bucket of an archive."""
    bucket = closed_bucket(
        name,
        archive.days,
        lambda bucket, objects: policy(only_over_tls(bucket, objects)),
        protected=archive.deletion_protection,
        parent=parent,
    )
    return Kept(
        rights=bucket.apply(
            lambda bucket: policy(allow(["s3:PutObject"], f"arn:aws:s3:::{bucket}/*"))
        ),
        output=bucket.apply(lambda bucket: text([output(bucket, cell, region)])),
    )


def output(bucket: str, cell: str, region: str) -> Section:
    """Writes what all filters have left, beside the log group.

    Of a tag's parts, the fifth is the pod and the sixth its namespace:
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
