"""Fetching one large file: resumed where it broke off, and used only when its checksum is right."""

import logging
import os
from pathlib import Path

import httpx
from tqdm import tqdm

from runtime.core.errors import UserError
from runtime.core.models import sha256_of

log = logging.getLogger(__name__)

TRIES = 4
TIMEOUT_S = 30.0
LIMIT_BYTES = 8 << 30


def download(url: str, sha256: str, target: Path, limit_bytes: int = LIMIT_BYTES) -> Path:
    """Fetch `url` into `target` and return it; what is there already with the right checksum is kept.

    The part that has come lies in `target` with .part added, and the next call goes on from there (HTTP range).

    Raises:
        UserError: the server refuses, the connection breaks four times, the disk is full, the file is larger than
            `limit_bytes`, or its SHA-256 is another. `target` is never left half written.
    """
    if target.is_file() and sha256_of(target) == sha256:
        return target
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(url, part, limit_bytes)
        found = sha256_of(part)
        if found != sha256:
            part.unlink()
            raise UserError(
                f"{url} has the SHA-256 {found[:12]}… and not {sha256[:12]}….",
                "The file there was changed or damaged; it was thrown away.",
            )
        os.replace(part, target)
    except OSError as error:
        raise UserError(f"{target} can't be written: {error.strerror}.", "Free or choose another place.") from error
    return target


def _fetch(url: str, part: Path, limit_bytes: int) -> None:
    """Bring the whole of `url` into `part`, going on after each break."""
    with httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as client:
        for attempt in range(1, TRIES + 1):
            try:
                _fetch_rest(client, url, part, limit_bytes)
                return
            except (httpx.TransportError, httpx.StreamError) as error:
                if attempt == TRIES:
                    raise UserError(
                        f"{url} can't be fetched: {error or type(error).__name__}.",
                        "Check the network; the next try goes on where this one broke off.",
                    ) from None
                log.warning("%s broke off (%s); going on", url, error or type(error).__name__)
            except httpx.InvalidURL as error:
                raise UserError(f"{url!r} is no address: {error}.", "Correct it.") from None


def _fetch_rest(client: httpx.Client, url: str, part: Path, limit_bytes: int) -> None:
    """Ask for what `part` lacks and add it; begin anew where the server can't resume."""
    have = part.stat().st_size if part.exists() else 0
    # No compression: a range counts the bytes sent, the checksum those of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            if response.headers.get("content-range") == f"bytes */{have}":
                return  # all of it was there
            part.unlink()
            raise httpx.ReadError("the server holds less than what was fetched before")
        if response.is_error:
            raise UserError(f"{url} answers {response.status_code} {response.reason_phrase}.", "Check the address.")
        resumed = response.headers.get("content-range", "").startswith(f"bytes {have}-")
        start = have if response.status_code == httpx.codes.PARTIAL_CONTENT and resumed else 0
        length = response.headers.get("content-length", "")
        total = start + int(length) if length.isdigit() else None
        if total is not None and total > limit_bytes:
            raise UserError(f"{url} has {total:,} bytes, over the limit of {limit_bytes:,}.", "Is it the right file?")
        with (
            part.open("ab" if start else "wb") as file,
            tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem, disable=None) as bar,
        ):
            for chunk in response.iter_bytes():
                if file.tell() + len(chunk) > limit_bytes:
                    raise UserError(f"{url} is over the limit of {limit_bytes:,} bytes.", "Is it the right file?")
                file.write(chunk)
                bar.update(len(chunk))
