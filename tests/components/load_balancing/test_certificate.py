"""Certificates of the load balancer and the records that validate them."""

from tests.components.load_balancing.deployed_load_balancing import (
    CERTIFICATE,
    LISTENER,
    balancing,
    listener,
)

NEW_CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "aws:route53/record:Record"
DOMAIN = "app.example.com"


def test_a_domain_has_a_new_certificate() -> None:
    lb = balancing(domain=DOMAIN)
    assert lb.one(NEW_CERTIFICATE).inputs == {"domainName": DOMAIN, "validationMethod": "DNS"}
    https = listener(lb, 443)
    assert https["certificateArn"] == lb.id_of(lb.one(NEW_CERTIFICATE))
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert listener(lb, 80)["defaultActions"][0]["type"] == "redirect"
    assert lb.shown()["urls"] == {"web": f"https://{DOMAIN}/"}


def test_a_dns_record_validates_the_certificate() -> None:
    lb = balancing(domain=DOMAIN)
    record = lb.one(RECORD).inputs
    assert record["zoneId"] == "Z0123456789"
    assert record["type"] == "CNAME"
    assert record["name"].endswith(f".{DOMAIN}.")
    (value,) = record["records"]
    assert value.endswith(".acm-validations.aws.")
    validation = lb.one(VALIDATION).inputs
    assert validation["certificateArn"] == lb.id_of(lb.one(NEW_CERTIFICATE))
    assert validation["validationRecordFqdns"] == [record["name"]]


def test_cells_of_a_domain_share_the_validation_record() -> None:
    assert balancing(domain=DOMAIN).one(RECORD).inputs["allowOverwrite"] is True


def test_an_existing_certificate_is_used() -> None:
    lb = balancing(domain=DOMAIN, certificate=CERTIFICATE)
    assert [lb.of_type(each) for each in (NEW_CERTIFICATE, VALIDATION, RECORD)] == [[], [], []]
    assert listener(lb, 443)["certificateArn"] == CERTIFICATE


def test_without_a_domain_there_is_no_validation_record() -> None:
    lb = balancing()
    assert [lb.of_type(each) for each in (NEW_CERTIFICATE, VALIDATION, RECORD)] == [[], [], []]
    assert [each.inputs["protocol"] for each in lb.of_type(LISTENER)] == ["HTTP"]
