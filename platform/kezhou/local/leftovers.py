"""Processes that an earlier supervisor left behind because it was killed before it could end them."""

import os
from pathlib import Path

import psutil

from kezhou.local.installation import INSTANCE_MARK


def find(home: Path) -> list[psutil.Process]:
    """Those that carry the mark of this installation in their environment: no process id is trusted."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            if process.environ().get(INSTANCE_MARK) == str(home):
                found.append(process)
        except psutil.Error:
            continue  # another user's, or just ended
    return found


def end(home: Path, *, patience: float = 5.0) -> int:
    """End them, kindly first; says how many there were."""
    processes = find(home)
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=patience)
    return len(processes)
