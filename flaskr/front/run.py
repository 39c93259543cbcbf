"""Running a front in the main thread, from its listening socket to a signal that ends it."""

from __future__ import annotations

import asyncio
import signal
import socket

from flaskr.front.front import Front

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """Return a socket that listens. Raises OSError, and OverflowError for a port out of range."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=backlog)


def run(front: Front, listener: socket.socket, seconds: float) -> bool:
    """Serve, in the main thread, until Ctrl-C or SIGTERM; then finish what has been begun.

    Return whether all of it was finished within so many seconds. A second signal ends it at once.
    """
    return asyncio.run(_run(front, listener, seconds))


async def _run(front: Front, listener: socket.socket, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked() -> None:
        if stop.is_set():
            front.abort()
        stop.set()

    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        try:
            loop.add_signal_handler(number, asked)
        except NotImplementedError:  # not on POSIX
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked))
    try:
        return await front.serve(listener, stop, seconds)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
