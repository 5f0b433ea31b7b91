"""A release changes one image in the stack file, and no other character."""

from pathlib import Path

import pytest

from tools.deploy.release.interfaces import ReleaseError
from tools.deploy.release.stack_file import YamlStackFile

NEW = "ghcr.io/x/web@sha256:" + "1" * 64
TEXT = """# Ünïcode — comment
config:
    aws:region:   us-east-1   # the region

    ha-eks:pools: {general: {instanceTypes: [m7i.large]}}
    ha-eks:apps:
        web:
            # a comment about the image
            image: {IMAGE}   # the image
            port: 80
        cache: {image: redis:7, port: 6379}
"""


def file_of(folder: Path, image: str) -> YamlStackFile:
    file = folder / "Pulumi.own.yaml"
    file.write_bytes(TEXT.replace("{IMAGE}", image).encode())
    return YamlStackFile(file)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_only_the_image_changes(tmp_path: Path, quote: str) -> None:
    file = file_of(tmp_path, f"{quote}web:1{quote}")
    file.write_image("web", NEW)
    assert file.path.read_text() == TEXT.replace("{IMAGE}", f"{quote}{NEW}{quote}")
    assert file.images() == {"web": NEW, "cache": "redis:7"}


def test_an_image_in_a_mapping_on_one_line_changes(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.write_image("cache", NEW)
    expected = TEXT.replace("{IMAGE}", "web:1").replace("{image: redis:7,", f"{{image: {NEW},")
    assert file.path.read_text() == expected


def test_line_breaks_of_windows_stay(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.path.write_bytes(file.path.read_bytes().replace(b"\n", b"\r\n"))
    file.write_image("web", NEW)
    expected = TEXT.replace("{IMAGE}", NEW).replace("\n", "\r\n")
    assert file.path.read_bytes() == expected.encode()


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.path.write_bytes(b"\xef\xbb\xbf" + file.path.read_bytes())
    file.write_image("web", NEW)
    assert file.path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("{IMAGE}", NEW).encode()


@pytest.mark.parametrize("image", ["&image web:1", ">-\n                web:1"])
def test_an_image_with_an_anchor_or_on_two_lines_is_refused(tmp_path: Path, image: str) -> None:
    file = file_of(tmp_path, image)
    if image.startswith("&"):
        file.path.write_text(file.path.read_text().replace("redis:7", "*image"))
    before = file.path.read_bytes()
    with pytest.raises(ReleaseError) as error:
        file.write_image("web", NEW)
    assert str(error.value) == (
        "Pulumi.own.yaml:9: ha-eks:apps.web.image: must be plain or quoted text on one line, "
        "without an anchor or alias, so that a release can change it"
    )
    assert file.path.read_bytes() == before
