"""Texts in files: Python's own codecs, and the programs that write marks, say what is right."""

from __future__ import annotations

import codecs

import pytest

from clarifai_inputs import texts

TEXT = "h\u00e9llo \U0001f415\r\nw\u00f6rld\n"

READ = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark (Notepad, Excel)": TEXT.encode("utf-8-sig"),
    "UTF-16 LE with a mark (PowerShell 5, Excel)": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16 BE with a mark": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_a_text_is_read_without_its_mark(tmp_path, content):
    assert texts.decode(content) == TEXT
    assert texts.utf8(content) == TEXT.encode()
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with texts.open_text(path) as file:
        assert file.read() == TEXT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("caf\u00e9".encode("latin-1"), "not UTF-8 at byte 3; save it as UTF-8"),
        (TEXT.encode("utf-16")[:-1], "not UTF-16 at byte 32; save it as UTF-8"),
        (TEXT.encode("utf-32"), "not UTF-8 at byte 0; save it as UTF-8"),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", "not UTF-8 at byte 2; save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_told_with_its_place(content, said):
    with pytest.raises(UnicodeDecodeError) as caught:
        texts.decode(content)
    assert texts.fault_of(caught.value) == said


def test_a_mark_within_a_text_stays():
    assert texts.decode(b"\xef\xbb\xbf\xef\xbb\xbfa") == "\ufeffa"
    assert texts.without_mark(b"a\xef\xbb\xbf") == b"a\xef\xbb\xbf"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_wide_marks_are_known(encoding):
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    assert texts.is_wide(mark + TEXT.encode(encoding))
    assert not texts.is_wide(TEXT.encode("utf-8-sig"))
