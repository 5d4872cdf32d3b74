"""A volume of its own for the database, that can be made full at once: a tmpfs whose size is changed."""

from __future__ import annotations

import os
import shutil
import subprocess

from .stack import Stack

SIZE = 6 << 30
# Pages of room grow with the square: 400 at last.
_TRIES = 20


class SmallVolume:
    """The database's folder as a tmpfs. It takes only the memory that is used."""

    def __init__(self, stack: Stack) -> None:
        self.folder = stack.state / "postgres"

    @staticmethod
    def obstacle(stack: Stack) -> str | None:
        """Why there is no such volume, if so."""
        return None if os.path.ismount(stack.state / "postgres") else "needs root and the permission to mount a tmpfs"

    def make(self) -> bool:
        """Moves an initialised database, while it is down, to a volume; false if that is not permitted here."""
        if os.geteuid() != 0:
            return False
        aside = self.folder.with_suffix(".aside")
        self.folder.rename(aside)
        self.folder.mkdir(mode=0o700)
        owner = aside.stat()
        options = f"size={SIZE},mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
        if not self._run("mount", "-t", "tmpfs", "-o", options, "mixmyai-chaos", str(self.folder)):
            self.folder.rmdir()
            aside.rename(self.folder)
            return False
        if not self._run("cp", "-a", f"{aside}/.", str(self.folder)):
            raise OSError(f"cannot copy the database to {self.folder}")
        shutil.rmtree(aside)
        return True

    def fill(self) -> None:
        """From now on nothing more fits. The kernel refuses a size below what is used, and the database goes on writing
        meanwhile: then it is measured again, with a little more room."""
        for room in range(1, _TRIES + 1):
            volume = os.statvfs(self.folder)
            used = (volume.f_blocks - volume.f_bfree) * volume.f_frsize
            if self._remount(used + room * room * volume.f_frsize):
                return
        raise OSError(f"cannot change the size of {self.folder}")

    def empty(self) -> None:
        """There is room again."""
        if not self._remount(SIZE):
            raise OSError(f"cannot change the size of {self.folder}")

    def unmount(self, keeps_data: bool) -> None:
        """Takes the volume away, while the database is down; its data with it or to the disk."""
        if not os.path.ismount(self.folder):
            return
        aside = self.folder.with_suffix(".aside")
        if keeps_data:
            self._run("cp", "-a", str(self.folder), str(aside))
        self._run("umount", str(self.folder))
        if keeps_data:
            self.folder.rmdir()
            aside.rename(self.folder)

    def _remount(self, size: int) -> bool:
        return self._run("mount", "-o", f"remount,size={size}", str(self.folder))

    @staticmethod
    def _run(*command: str) -> bool:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
