"""How many connections the operating system lets a process have."""

import contextlib


def allow_connections(most: int) -> int:
    """Return how many connections this process may have open, having asked for so many.

    Each takes a file descriptor, of which a process has 1024 on many systems unless it asks for
    more; some stay for its own calls and files.
    """
    with contextlib.suppress(ImportError):  # there on POSIX only
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = most + 256
        if soft != resource.RLIM_INFINITY and soft < wanted:
            allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
            return min(most, max(soft, allowed) - 256)
    return most
