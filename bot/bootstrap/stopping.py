"""Tells the program that it is to stop, at whatever moment the system says so."""

from __future__ import annotations

import signal
import socket
import threading

STOPPING = (signal.SIGTERM, signal.SIGINT)


def stop_signal() -> threading.Event:
    """Set by SIGTERM and by Ctrl-C from now on. To be called in the main thread.

    Not by a handler: that runs in the main thread only, which may just hold the event's own lock because it begins to
    wait for it, and which sleeps on when the system gave the signal to another thread, as Linux does to a process that
    was paused. The interpreter itself writes the number of each signal into a socket, whichever thread gets it.
    """
    stop = threading.Event()
    heard, told = socket.socketpair()
    told.setblocking(False)

    def watch() -> None:
        with heard, told:
            while not set(heard.recv(64)) & set(STOPPING):
                pass
            stop.set()
            # Further ones are taken in, too: who presses Ctrl-C twice must not end the program in its ending.
            while heard.recv(64):
                pass

    threading.Thread(target=watch, name="stop", daemon=True).start()
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    for number in STOPPING:
        signal.signal(number, lambda _number, _frame: None)
    return stop
