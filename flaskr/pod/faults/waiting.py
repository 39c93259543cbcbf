"""The faults that are waiting to act."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

from flaskr.pod.checks import BadInput
from flaskr.pod.faults.catalogue import FaultCatalogue
from flaskr.pod.faults.fault import Fault
from flaskr.pod.wire.exchange import ReceivedRequest

MOST_FAULTS = 1000


class Faults:
    """The faults that are waiting to act. All that are for a request act, in their order.

    Chance comes from the seed: with the same one, and the same requests in the same order, the
    same things happen. A fault that has acted as often as it may is gone.
    """

    def __init__(
        self, catalogue: FaultCatalogue, at_start: Sequence[str] = (), seed: int | None = None
    ) -> None:
        self.catalogue = catalogue
        self._at_start, self._seed = tuple(at_start), seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Go back to the faults, and the chances, of the start."""
        made = [self.catalogue.parse(wording) for wording in self._at_start]
        with self._lock:
            self._faults: list[Fault] = []
            self._made = 0
            self._random = random.Random(self._seed)
        for fault in made:
            self.append(fault)

    def add(self, fault: str, value: object = None, **limits: object) -> Fault:
        """Add a fault, such as `add("busy", 2, times=3, server="cms")`, and return it."""
        return self.append(self.catalogue.make({**limits, "fault": fault, "value": value}))

    def append(self, fault: Fault) -> Fault:
        """Add a fault that is made already, and return it; it gets its ID here."""
        with self._lock:
            if len(self._faults) >= MOST_FAULTS:
                raise BadInput(f"There are {MOST_FAULTS} faults already, which is the most.")
            self._made += 1
            fault.id = self._made
            self._faults.append(fault)
            return fault

    def active(self) -> list[Fault]:
        """Return the faults that can still act, in their order."""
        with self._lock:
            return list(self._faults)

    def remove(self, fault_id: int) -> bool:
        """Remove one fault; return whether there was one with that ID."""
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault.id != fault_id]
            return len(self._faults) < before

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults = []

    def take(self, request: ReceivedRequest) -> list[Fault]:
        """Return the faults that act on this request, counted as having done so.

        Raises ConnectionAbortedError where the request is abandoned.
        """
        base = self.catalogue.bases[request.server]
        with self._lock:
            request.go_on()
            possible = [fault for fault in self._faults if fault.is_for(request, base)]
            acting = [fault for fault in possible if self._due(fault)]
            self._faults = [fault for fault in self._faults if fault.acted != fault.times]
            return acting

    def _due(self, fault: Fault) -> bool:
        if fault.skip:
            fault.skip -= 1
            return False
        due = self._random.random() < fault.probability
        fault.acted += due
        return due
