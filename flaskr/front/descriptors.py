"""How many connections the operating system lets a process have."""

import contextlib

RESERVE = 256  # file descriptors for a process's own calls and files, where there are enough


def allow_connections(most: int) -> int:
    """Return how many connections this process may have open, having asked for so many.

    Each takes a file descriptor, of which a process has 1024 on many systems unless it asks for
    more.
    """
    with contextlib.suppress(ImportError):  # there on POSIX only
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = most + RESERVE
        if soft != resource.RLIM_INFINITY and soft < wanted:
            allowed = wanted if hard == resource.RLIM_INFINITY else max(soft, min(wanted, hard))
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            return min(most, allowed - min(RESERVE, allowed // 2))
    return most
