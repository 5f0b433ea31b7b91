"""Certificates for HTTPS: an existing one, or new ones for the domain and for hosts of routes."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import acm, lb, route53

from settings.load_balancing.load_balancer import LoadBalancer


def certificate(
    name: str, balancer: LoadBalancer, opts: pulumi.ResourceOptions
) -> pulumi.Input[str] | None:
    """Returns the ARN of the certificate; None: there is no certificate and no public domain."""
    existing_arn, names = balancer.settings.certificate, balancer.names
    if existing_arn or names is None or not balancer.requests_certificates:
        return existing_arn
    return _new_certificate(name, names.domain, names.hosted_zone_id or "", opts)


def host_certificates(
    name: str,
    balancer: LoadBalancer,
    listener_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> Mapping[str, pulumi.Input[str]]:
    """Adds the existing certificates, and a new certificate for each host, to a listener; returns
    their ARNs by host.

    The load balancer selects the certificate by the host name that the client sends (SNI). A host
    has its own certificate, because names of a certificate cannot be added or removed.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
    """
    existing_arns = balancer.settings.certificates
    arns: dict[str, pulumi.Input[str]] = {
        names[0]: arn
        for arn in sorted({*existing_arns.values()})
        if (names := sorted(name for name, each in existing_arns.items() if each == arn))
    }
    for host in balancer.hosts_to_certify:
        zone = (balancer.names and balancer.names.zone_of(host)) or ""
        arns[host] = _new_certificate(f"{name}-{host}", host, zone, opts)
    for host, arn in arns.items():
        lb.ListenerCertificate(
            f"{name}-{host}",
            lb.ListenerCertificateArgs(listener_arn=listener_arn, certificate_arn=arn),
            opts=opts,
        )
    return arns


def _new_certificate(
    name: str, host: str, zone_id: str, opts: pulumi.ResourceOptions
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
        acm.CertificateArgs(domain_name=host, validation_method="DNS"),
        opts=opts,
    )
    option = new.domain_validation_options[0]
    record = route53.Record(
        f"{name}-validation",
        route53.RecordArgs(
            zone_id=zone_id,
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
