"""The bytes of a file, looked at in chunks of any size: what Python's own decoder says of them as a whole."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_tiers.exports import fingerprint as module
from creator_tiers.exports.fingerprint import fingerprint

pytestmark = pytest.mark.property

PIECES = st.sampled_from(
    [b"a,1\n", "é".encode(), "—".encode(), "🍋".encode(), "🍋".encode()[:3], b"\xff", b"\xc0\x80", b"\xe9,"]
)


@given(st.lists(PIECES, max_size=12).map(b"".join), st.integers(1, 9))
def test_utf8_is_what_decodes_and_the_first_bad_byte_is_named(data: bytes, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            found = fingerprint(Path(file.name))

    try:
        data.decode()
        bad_byte = None
    except UnicodeDecodeError as error:
        bad_byte = error.start
    assert found.bad_byte == bad_byte
    assert (found.encoding == "utf-8") == (bad_byte is None)
    assert found.file_id == hashlib.sha256(data).hexdigest()
