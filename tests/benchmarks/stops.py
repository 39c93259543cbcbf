"""Graceful stops under load: callers create Spaces, the portal is told to stop, and what
was sent to it and never answered is counted. (`python tests/benchmarks --stops 40`)
"""

import http.client
import itertools
import random
import threading
import time
from collections.abc import Iterator

from benchmarks.servers import HOST, running_pod, running_portal

CALLERS = 8
LATENCY_MS = 20
USER = "pod6user1"
_NUMBERS = itertools.count()


class Caller(threading.Thread):
    """Creates Spaces on one kept connection, until the portal takes no more."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.answered = 0
        self.lost = 0

    def run(self) -> None:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        while self._create(connection):
            self.answered += 1

    def _create(self, connection: http.client.HTTPConnection) -> bool:
        """Tell whether the portal goes on; a POST that was sent and not answered is lost."""
        try:
            if connection.sock is None:
                connection.connect()
        except ConnectionError:
            return False
        try:
            path = f"/api/v1/cms/spaces/{USER}?secondaryUri=&uri=stop-{next(_NUMBERS)}"
            connection.request("POST", path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.lost += 1
            return False
        assert answer.status == 200, answer.status
        return True


def count_lost(command: str, stops: int) -> Iterator[str]:
    """Yield a line after each stop: how many POSTs were answered, and how many lost, so far."""
    answered = lost = 0
    with running_pod() as pod:
        pod.delay(LATENCY_MS)
        settings = {**pod.settings, "PORTAL_API_KEY": ""}
        for number in range(1, stops + 1):
            with running_portal(command, settings) as (process, port, _):
                callers = [Caller(port) for _ in range(CALLERS)]
                for caller in callers:
                    caller.start()
                time.sleep(random.uniform(0.3, 0.8))
                process.close()
                for caller in callers:
                    caller.join()
            answered += sum(caller.answered for caller in callers)
            lost += sum(caller.lost for caller in callers)
            yield f"{number} stops: {answered} POSTs answered, {lost} lost"
