"""With which settings the embedded PostgreSQL runs, by the memory it may use.

Knows nothing of how the server is started. The reasons are in docs/reference/postgresql-settings.md.
"""

import os
from pathlib import Path

MB = 1024 * 1024
LEAST_BUFFERS = 128 * MB  # PostgreSQL's own
MOST_BUFFERS = 4096 * MB  # what all of England was filled and measured with
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

FIXED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "work_mem": "32MB",
    "checkpoint_timeout": "20min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "60",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a failing statement may carry a child's values
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def choose_settings(*, memory: int) -> dict[str, str]:
    """PostgreSQL's settings for a machine of so many bytes that it shares with the service."""
    buffers = min(max(memory // 6, LEAST_BUFFERS), MOST_BUFFERS)
    return {
        **FIXED,
        "shared_buffers": _in_mb(buffers),
        "effective_cache_size": _in_mb(max(memory // 2, buffers)),
        "maintenance_work_mem": _in_mb(min(max(memory // 32, 64 * MB), 512 * MB)),
        "max_wal_size": _in_mb(min(max(memory // 2, 1024 * MB), 8192 * MB)),
    }


def read_memory() -> int:
    """Bytes that this process may use: the machine's, or a container's limit where that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in LIMITS:
        try:
            memory = min(memory, int(Path(limit).read_text()))
        except (OSError, ValueError):  # no such limit, or the word "max"
            continue
    return memory


def _in_mb(size: int) -> str:
    return f"{size // MB}MB"
