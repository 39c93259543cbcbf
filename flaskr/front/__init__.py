"""An HTTP server for a WSGI application: an asynchronous front, and threads behind it.

What callers send is read and what they get is written in one event loop, where waiting for a slow
one costs no thread. A thread is taken for a request that is here whole, and until its answer is
made. Nothing in here knows what the application does.
"""

from flaskr.front.bodies import everyone
from flaskr.front.front import Front
from flaskr.front.heap import give_back_large_blocks
from flaskr.front.request import RefusedRequest, Request
from flaskr.front.run import listen, run

__all__ = [
    "Front", "RefusedRequest", "Request", "everyone", "give_back_large_blocks", "listen", "run",
]
