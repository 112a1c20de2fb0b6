"""asynctree on a pseudo-terminal, whose screen pyte reads."""

import atexit
import fcntl
import functools
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

import pyte

import harness

HANG = 15  # seconds; a guard against hanging, no measurement


class Screen(pyte.Screen):
    """pyte's screen, which also knows whether it is the alternate one."""

    def __init__(self, *args):
        super().__init__(*args)
        self.alternate = False

    def set_mode(self, *modes, **kwargs):
        if kwargs.get("private") and 1049 in modes:
            self.alternate = True
        super().set_mode(*modes, **kwargs)

    def insert_lines(self, count=None):
        self._have_all_lines()
        super().insert_lines(count)

    def delete_lines(self, count=None):
        self._have_all_lines()
        super().delete_lines(count)

    def _have_all_lines(self):
        """pyte leaves the old text in place of a line that was never written."""
        for line in range(self.lines):
            self.buffer[line]

    def reset_mode(self, *modes, **kwargs):
        if kwargs.get("private") and 1049 in modes:
            self.alternate = False
        super().reset_mode(*modes, **kwargs)


@functools.cache
def terminfo():
    """Descriptions of terminals without what pyte does not know: to repeat a character, and
    to scroll by several lines."""
    folder = tempfile.mkdtemp(prefix="asynctree-terminfo-")
    os.chmod(folder, 0o755)  # whoever runs the program
    atexit.register(shutil.rmtree, folder)
    for name in "xterm-256color", "screen", "tmux", "linux", "vt100":
        source = subprocess.run(["infocmp", "-1x", name], capture_output=True, text=True,
                                check=True).stdout
        source = re.sub(r"^\t(rep|indn|rin)=.*\n", "", source, flags=re.M)
        subprocess.run(["tic", "-x", "-o", folder, "-"], input=source, text=True, check=True,
                       capture_output=True)
    return folder


class Terminal:
    """A program with a terminal of its own, as its controlling one."""

    def __init__(self, argv, size=(80, 24), term="xterm-256color", env=None, cwd=None):
        self.columns, self.lines = size
        self.screen = Screen(self.columns, self.lines)
        self.stream = pyte.ByteStream(self.screen)
        self.terminfo = terminfo()
        self.sent = b""  # all that the program wrote
        self.status = None
        self.master, slave = pty.openpty()
        self._set_size(slave)
        self.modes = termios.tcgetattr(slave)
        told, tell = os.pipe()
        self.leader = os.fork()
        if not self.leader:
            self._lead(slave, tell, lambda: self._run(argv, term, env or {}, cwd))
        os.close(tell)
        self.slave = slave  # what was set of the terminal stays as long as it is open
        self.pid = int(os.read(told, 16))
        os.close(told)

    def _lead(self, slave, tell, run):
        """What a shell does: a job in the foreground that may be stopped, and its status."""
        try:
            os.close(self.master)
            self._login(slave)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            job = os.fork()
            if not job:
                os.setpgid(0, 0)
                os.tcsetpgrp(0, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                run()
            os.write(tell, str(job).encode())
            os.close(tell)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            _, status = os.waitpid(job, 0)
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
        finally:
            os._exit(127)

    def _run(self, argv, term, env, cwd):
        if cwd:
            os.chdir(cwd)
        clean = {key: value for key, value in os.environ.items()
                 if key not in ("NO_COLOR", "COLUMNS", "LINES")}
        os.execvpe(argv[0], argv, {**clean, "TERM": term, "TERMINFO": self.terminfo,
                                   "LC_ALL": "C.UTF-8", **env})

    @staticmethod
    def _login(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)

    def _set_size(self, fd):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))

    # ---------------------------------------------------------------- what it shows

    def read(self, seconds):
        """Takes in what comes within the time; false where nothing did."""
        readable, _, _ = select.select([self.master], [], [], seconds)
        if not readable:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # its other side is closed
            return False
        self.sent += data
        self.stream.feed(data)
        return bool(data)

    def settle(self):
        """Takes in all that is there."""
        while self.read(0.02):
            pass

    @property
    def rows(self):
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.rows)

    def until(self, what, seconds=HANG):
        """Waits for a text on the screen, or for what a function finds there."""
        find = what if callable(what) else lambda text: what in text
        deadline = time.monotonic() + seconds
        while not (found := find(self.text)):
            assert time.monotonic() < deadline, f"{what!r} does not come:\n{self.text}"
            self.read(0.05)
            while self.read(0.03):  # a picture comes in pieces
                pass
        return found

    def row_with(self, text):
        return next((number for number, row in enumerate(self.rows) if text in row), None)

    def selected(self):
        """The text of the row with the cursor: the one that is set off to its end."""
        return next((row for number, row in enumerate(self.rows)
                     if self.screen.buffer[number][self.columns - 1].reverse), None)

    def colors(self):
        return {cell.fg for line in self.screen.buffer.values() for cell in line.values()}

    # ---------------------------------------------------------------- what it is told

    def type(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def click(self, row, column, button=0):
        self.type(f"\033[<{button};{column + 1};{row + 1}M\033[<{button};{column + 1};{row + 1}m")

    def resize(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.screen.resize(lines, columns)
        self._set_size(self.master)

    def signal(self, number):
        os.kill(self.pid, number)

    # ---------------------------------------------------------------- its end

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.leader, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self):
        """The exit status, as a shell gives it: 128 and its number for a signal."""
        deadline = time.monotonic() + HANG
        while not self.ended():
            assert time.monotonic() < deadline, f"it does not end:\n{self.text}"
            self.read(0.05)
        self.settle()
        return self.status

    def state(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]

    def is_restored(self):
        """The terminal is as it was found."""
        now = termios.tcgetattr(self.master)
        return (now[:4] == self.modes[:4] and not self.screen.alternate
                and not self.screen.cursor.hidden)

    def close(self):
        if not self.ended():
            for pid in self.pid, self.leader:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(self.leader, 0)
        os.close(self.master)
        os.close(self.slave)


def live(pid, *options, **kwargs):
    return Terminal([harness.ASYNCTREE, "-i", *map(str, options), str(pid)], **kwargs)
