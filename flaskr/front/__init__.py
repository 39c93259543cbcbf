"""The HTTP server that the portal stands on: an asynchronous front, and threads behind it.

What callers send is read and what they get is written in one event loop, where waiting for a slow
one costs no thread. A thread is taken for a request that is here whole, and until its answer is
made. Nothing in here knows what the application behind it does: it is any WSGI application.
"""

from flaskr.front.front import Front, Refusal
from flaskr.front.run import listen, run

__all__ = ["Front", "Refusal", "listen", "run"]
