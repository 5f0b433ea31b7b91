"""The certificate of HTTPS: one that is given, or one of the cell's own for its domain."""

import pulumi
from pulumi_aws import acm, route53

from settings.traffic.traffic import Traffic


def certificate(
    name: str, given: str | None, traffic: Traffic | None, opts: pulumi.ResourceOptions
) -> pulumi.Input[str] | None:
    """ARN of the certificate, known once it is issued; None: there is neither one nor a domain."""
    if given or traffic is None:
        return given
    return _issued(name, traffic, opts)


def _issued(name: str, traffic: Traffic, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """A certificate for the domain, validated by a record in its zone.

    All certificates of an account for one name share that record, which ACM asks for again at each
    renewal (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html): it is taken over
    if another cell has made it, and stays when a cell goes.
    """
    own = acm.Certificate(
        name,
        acm.CertificateArgs(domain_name=traffic.domain, validation_method="DNS"),
        opts=opts,
    )
    proof = own.domain_validation_options[0]
    record = route53.Record(
        f"{name}-validation",
        route53.RecordArgs(
            zone_id=traffic.hosted_zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=60,
            allow_overwrite=True,
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True)),
    )
    issued = acm.CertificateValidation(
        name,
        acm.CertificateValidationArgs(
            certificate_arn=own.arn, validation_record_fqdns=[record.fqdn]
        ),
        opts=opts,
    )
    return issued.certificate_arn
