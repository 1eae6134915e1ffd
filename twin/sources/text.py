"""Text files of unknown code page: told apart where that is certain, refused with advice where it is not."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from twin.errors import DataError

_ADVICE = "Name the code page with --encoding, for example --encoding gb18030 or --encoding iso-8859-1."
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LATIN_WORD = re.compile(rb"[A-Za-z\xc0-\xff]{3,}")
_SAMPLE = 1 << 20


def read_text(path: Path, encoding: str | None = None) -> tuple[str, str]:
    """Return the text of a file and the code page it was read with.

    Raises ``DataError`` when the code page that was named does not fit, or none is certain.
    """
    data = path.read_bytes()
    name = encoding or detect(data, path.name)
    try:
        text = data.decode(name)
    except LookupError as error:
        raise DataError(f"There is no code page {name!r}.", _ADVICE) from error
    except (UnicodeDecodeError, UnicodeError) as error:
        place = f" at byte {error.start:,}" if isinstance(error, UnicodeDecodeError) else ""
        raise DataError(f"{path.name} is not text in the code page {name}{place}.", _ADVICE) from error
    if "\0" in text:
        raise DataError(f"{path.name} is not a text file: it holds zero bytes.", "If it is UTF-16, say --encoding utf-16.")
    return text.removeprefix("\ufeff"), name


def require_code_page(name: str) -> None:
    """Raise ``DataError`` when there is no code page of this name."""
    try:
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise DataError(f"There is no code page {name!r}.", _ADVICE) from error


def detect(data: bytes, name: str) -> str:
    """Return the code page of a text: UTF-8, UTF-16 with a mark, GB18030 or ISO-8859-1 (Windows-1252).

    Raises ``DataError`` when it is none of them for certain; ``name`` is for the message.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data[:_SAMPLE]:
        raise DataError(f"{name} is not a text file: it holds zero bytes.", "If it is UTF-16, say --encoding utf-16.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _detect_legacy(data, name)
    return "utf-8"


def _detect_legacy(data: bytes, name: str) -> str:
    """Tell Chinese from Western text: Chinese bytes come in pairs, Western letters stand among plain ones."""
    runs = [match.group() for match in _HIGH_RUN.finditer(data, 0, _SAMPLE)]
    if sum(len(run) % 2 == 0 for run in runs) > 0.9 * len(runs) and _is_gb(data):
        return "gb18030"
    words = [match.group() for match in _LATIN_WORD.finditer(data, 0, _SAMPLE)]
    accented = [word for word in words if not word.isascii()]
    mostly_plain = [word for word in accented if sum(byte > 127 for byte in word) <= 0.5 * len(word)]
    letters = sum(byte >= 0xC0 for run in runs for byte in run)
    if accented and len(mostly_plain) > 0.9 * len(accented) and letters > 0.5 * sum(map(len, runs)):
        return "cp1252" if re.search(rb"[\x80-\x9f]", data) else "iso-8859-1"
    guess = _guess(data)
    found = f" (perhaps {guess})" if guess else ""
    raise DataError(f"{name} is not in UTF-8, and its code page is uncertain{found}.", _ADVICE)


def _is_gb(data: bytes) -> bool:
    """Return whether the bytes are GB18030 and its characters those of running Chinese text."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [char for char in text if char > "\x7f"]
    # Level 1 and 2 of GB 2312, which all but rare names use; other code pages fall among the rare ones.
    usual = 0
    for char in foreign:
        try:
            usual += char.encode("gb2312")[0] < 0xD8 or "\u3000" <= char <= "\u303f" or char > "\uff00"
        except UnicodeEncodeError:
            continue
    return usual > 0.7 * len(foreign)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:65536]).best()
    return best.encoding.replace("_", "-") if best is not None else ""
