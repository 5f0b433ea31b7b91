"""Made-up IDs: hexadecimal digits and UUIDs, the same in every run."""

import hashlib


def digest(text: str, length: int = 17) -> str:
    """Returns hexadecimal digits in place of a random ID, the same in every run."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def uuid(text: str) -> str:
    """Returns a UUID, the same in every run."""
    d = digest(text, 32)
    return f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"
