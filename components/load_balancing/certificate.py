"""The certificate for HTTPS: an existing one, or a new one for the domain."""

import pulumi
from pulumi_aws import acm, route53

from settings.traffic.traffic import Traffic


def certificate(
    name: str, existing_arn: str | None, traffic: Traffic | None, opts: pulumi.ResourceOptions
) -> pulumi.Input[str] | None:
    """Returns the ARN of the certificate; None: there is no certificate and no domain."""
    if existing_arn or traffic is None:
        return existing_arn
    return _new_certificate(name, traffic, opts)


def _new_certificate(
    name: str, traffic: Traffic, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Creates a certificate; returns its ARN as an output that is known once ACM has issued it.

    A record in the hosted zone validates the certificate. All certificates of an account for one
    domain share this record, and ACM checks the record again at each renewal
    (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). The cell therefore
    overwrites the record of another cell, and retains the record when the cell is destroyed.
    docs/decisions/0035-the-certificate-validation-record-is-shared-and-retained.md
    """
    new = acm.Certificate(
        name,
        acm.CertificateArgs(domain_name=traffic.domain, validation_method="DNS"),
        opts=opts,
    )
    option = new.domain_validation_options[0]
    record = route53.Record(
        f"{name}-validation",
        route53.RecordArgs(
            zone_id=traffic.hosted_zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=60,
            allow_overwrite=True,
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    validation = acm.CertificateValidation(
        name,
        acm.CertificateValidationArgs(
            certificate_arn=new.arn, validation_record_fqdns=[record.fqdn]
        ),
        opts=opts,
    )
    return validation.certificate_arn
