"""IAM principals, and the ARNs of their sessions."""

import re

_SESSION = re.compile(r"arn:aws:sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+")
_ROLE = re.compile(r"arn:aws:iam::(?P<account>[0-9]{12}):role/(?:.+/)?(?P<role>[^/]+)")


def is_principal(caller_arn: str, principal_arn: str) -> bool:
    """True if a caller is an IAM user or a session of an IAM role.

    The ARN of a session omits the path of the role. Role names are unique in an account, also
    among roles with different paths.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    session, role = _SESSION.fullmatch(caller_arn), _ROLE.fullmatch(principal_arn)
    if session and role:
        return session.groups() == role.groups()
    return caller_arn == principal_arn
