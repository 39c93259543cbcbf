"""The C library's heaps: what large blocks of memory do when they are free."""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # glibc, malloc.h
LARGE_BLOCK_BYTES = 128 * 1024


def give_back_large_blocks() -> None:
    """Have large blocks of memory go back to the operating system as soon as they are free.

    Unless told so, glibc puts ever larger ones into its heaps, of which threads have several, and
    keeps what is free in each (mallopt(3), "M_MMAP_THRESHOLD"). With other C libraries, nothing is
    done.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
