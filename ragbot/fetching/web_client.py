"""Asks one service over HTTP: at its pace, again while it is busy, and for no more than fits.

Knows nothing of what a service sends. Proxies and certificates are those of the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Self, TypeVar

import httpx
import tenacity

import ragbot
from ragbot.config import FetchSettings
from ragbot.errors import FetchError
from ragbot.fetching.pace import Clock, Pace
from ragbot.fetching.web_failures import WebService, of_cause, of_status, too_much

__all__ = ["WebClient"]

LARGEST = 20_000_000
"""Bytes of a reply, unpacked: some times those of 2,000 abstracts."""
_LONGEST_PAUSE = 600.0  # seconds; who is to wait longer is told so instead
_FIRST_PAUSE = 3.0
_MOST_HOPS = 5
_MOST_TIMES = (
    10  # the time-out, for all of a reply: what drips is never silent for long
)

T = TypeVar("T")
# InvalidURL is no HTTPError; the others are raised for what the environment says of proxies
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError)


class WebClient:
    """A connection to one service, to be closed; its ``pace`` is kept between all requests."""

    def __init__(
        self, service: WebService, settings: FetchSettings, pace: Pace, clock: Clock
    ) -> None:
        self.service = service
        self._settings = settings
        self._pace = pace
        self._clock = clock
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            client = httpx.Client(
                headers={"User-Agent": f"ragbot/{ragbot.__version__}"},
                timeout=self._settings.timeout,
            )
        except _FAILURES as error:
            raise self._failure(error) from None
        self._client = self._open.enter_context(client)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def get(
        self, url: str, parameters: Mapping[str, str], read: Callable[[bytes], T]
    ) -> T:
        """What ``read`` makes of the reply; while either says that the service is busy, ask again.

        Raises:
            FetchError: there is no reply, or none that can be read.
        """
        trying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._settings.retries + 1),
            retry=tenacity.retry_if_exception(_may_pass),
            wait=_pause,
            sleep=self._clock.sleep,
            reraise=True,
        )
        told: T = trying(self._attempt, url, parameters, read)
        return told

    def _attempt(
        self, url: str, parameters: Mapping[str, str], read: Callable[[bytes], T]
    ) -> T:
        try:
            body = self._reply(
                self._client.build_request("GET", url, params=parameters)
            )
        except _FAILURES as error:
            raise self._failure(error) from None
        return read(body)

    def _reply(self, request: httpx.Request) -> bytes:
        """The body of the reply, of the last one where others lead on to it."""
        end = self._clock.now() + _MOST_TIMES * self._settings.timeout
        for _ in range(_MOST_HOPS):
            self._pace.wait()
            with closing(self._client.send(request, stream=True)) as response:
                following = response.next_request
                if following is None or not _is_near(request.url, following.url):
                    return self._body(response, end)
            request = following
        raise httpx.TooManyRedirects("it leads on and on")

    def _body(self, response: httpx.Response, end: float) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise too_much(self.service, LARGEST)
            if self._clock.now() > end:
                raise httpx.ReadTimeout("it drips")
        if response.status_code != httpx.codes.OK:
            now = self._clock.now()
            raise of_status(
                response.status_code, response.headers, bytes(body), self.service, now
            )
        return bytes(body)

    def _failure(self, error: BaseException) -> FetchError:
        return of_cause(error, self.service, self._settings.timeout)


def _is_near(url: httpx.URL, other: httpx.URL) -> bool:
    """Whether one may be led from an address to another: on one host, to no less safety."""
    same = (url.scheme, url.port) == (other.scheme, other.port)
    return url.host == other.host and (same or other.scheme == "https")


def _may_pass(error: BaseException) -> bool:
    return (
        isinstance(error, FetchError)
        and error.busy
        and (error.retry_after or 0) <= _LONGEST_PAUSE
    )


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next try: what the service asked for, else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, FetchError) and error.retry_after is not None:
        return error.retry_after
    return tenacity.wait_exponential(multiplier=_FIRST_PAUSE)(state)
