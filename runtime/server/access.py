"""Who may do what: the token, the names this server answers to, and how often one address may knock.

All of it is pure; `server.app` asks it about each request.
"""

import hmac
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from runtime.server.allowance import Allowance

COOKIE: Final = "avatar_token"
GUARDED: Final = ("/api/offer", "/api/pictures/", "/metrics")  # paths that begin so need the token, if there is one
OFFERS_PER_S = 0.5
OFFER_BURST = 12.0
MAX_ADDRESSES = 1_024


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: HTTP `status`, what is wrong and what to do about it."""

    status: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Knock:
    """What matters of a request: header names are lower case; `token` is the one in its query, `address` its peer's."""

    method: str
    path: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    token: str
    address: str


class Access:
    """Judges requests. With a `token` the guarded paths need it; with `loopback` only local names are answered to."""

    def __init__(self, token: str | None, loopback: bool) -> None:
        self.token = token
        self.loopback = loopback
        self._offers: OrderedDict[str, Allowance] = OrderedDict()

    def judge(self, knock: Knock, time_s: float) -> Refusal | None:
        """Return why a request is refused, or None where it may pass."""
        host = knock.headers.get("host", "")
        if self.loopback and not is_loopback(_host_name(host)):
            # A page of another site can point its own name here (DNS rebinding); only the Host header tells.
            return Refusal(403, "This server answers to local names alone.", "Open it as localhost or 127.0.0.1.")
        if knock.path.startswith("/api/") and not self.allows_origin(knock):
            return Refusal(403, "A page of another site may not connect.", "Open the page that this server serves.")
        if knock.method != "OPTIONS" and knock.path.startswith(GUARDED) and not self.authorised(knock):
            return Refusal(
                401,
                "This server wants its token.",
                "Open the address printed when it started, or send the token as Authorization: Bearer.",
            )
        if knock.method == "POST" and knock.path == "/api/offer" and not self._may_offer(knock.address, time_s):
            return Refusal(429, "Too many connections were begun from this address.", "Wait a few seconds.")
        return None

    def authorised(self, knock: Knock) -> bool:
        """Whether a request carries the token, or none is needed."""
        if self.token is None:
            return True
        scheme, _, bearer = knock.headers.get("authorization", "").partition(" ")
        given = (bearer.strip() if scheme.lower() == "bearer" else "", knock.cookies.get(COOKIE, ""), knock.token)
        matches = [hmac.compare_digest(value.encode(), self.token.encode()) for value in given]
        return any(matches)

    def allows_origin(self, knock: Knock) -> bool:
        """Whether the page that sent a request may: this server's own, a local one of a local server, or one that
        brings the token itself."""
        origin = knock.headers.get("origin")
        if origin is None:
            return True
        parts = urlsplit(origin)
        if parts.netloc and parts.netloc == knock.headers.get("host"):
            return True
        if self.loopback:
            return is_loopback(parts.hostname or "")
        # A preflight carries no token yet, and cookies are not sent across sites: the request itself must bring it.
        return self.token is not None and (knock.method == "OPTIONS" or "authorization" in knock.headers)

    def _may_offer(self, address: str, time_s: float) -> bool:
        if is_loopback(address):
            return True
        allowance = self._offers.pop(address, None) or Allowance(OFFERS_PER_S, OFFER_BURST)
        self._offers[address] = allowance
        if len(self._offers) > MAX_ADDRESSES:
            self._offers.popitem(last=False)
        return allowance.take(time_s)


def new_token() -> str:
    """Return a fresh token of 128 random bits."""
    return secrets.token_urlsafe(16)


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's own."""
    name = name.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    return urlsplit(f"//{host}").hostname or ""
