"""Terminals that are ended when they are idle, and never while a program runs in them."""

import psutil
from jupyter_server_terminals.terminalmanager import TerminalManager


def has_program(shell_pid):
    """Whether the shell of a terminal has a child process. True where that is not known."""
    try:
        return any(child.status() != psutil.STATUS_ZOMBIE for child in psutil.Process(shell_pid).children())
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


class Terminals(TerminalManager):
    """Jupyter's own looks at input and output alone: it would end a program that prints nothing for long."""

    async def _cull_inactive_terminal(self, name):
        terminal = self.terminals.get(name)
        if terminal is not None and not has_program(terminal.ptyproc.pid):
            await super()._cull_inactive_terminal(name)
