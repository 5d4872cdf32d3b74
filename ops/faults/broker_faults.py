"""What only a broker can suffer: the loss of its data, and a memory alarm that blocks all publishers."""

from __future__ import annotations

import shutil
import signal

from .fault import Fault, World, until_done


class BrokerFault(Fault):
    @property
    def resources(self) -> set[str]:
        return {"broker"}


class Wipe(BrokerFault):
    """kill -9, and the data is deleted before the supervisor starts it again (it leaves servers a moment for that)."""

    def inject(self, world: World) -> None:
        world.stack.signal("rabbitmq", signal.SIGKILL)
        # The dying process may still write for a moment; a server whose data vanishes under it is started over.
        until_done(lambda: shutil.rmtree(world.stack.state / "rabbitmq"), patience=5)


class MemoryAlarm(BrokerFault):
    """Starts again with a memory limit that is always exceeded: connections that publish are blocked.

    The private broker has no distribution port, so `rabbitmqctl` cannot reach it; the limit comes from the file that
    its environment names for advanced configuration and that is otherwise not there.
    """

    hold = (8.0, 20.0)

    def describe(self) -> str:
        return f"for {self.seconds} s"

    def inject(self, world: World) -> None:
        file = world.stack.state / "conf" / "none.config"
        file.write_text("[{rabbit, [{vm_memory_high_watermark, 0.0001}]}].\n")
        world.stack.signal("rabbitmq", signal.SIGKILL)

    def heal(self, world: World) -> None:
        (world.stack.state / "conf" / "none.config").unlink(missing_ok=True)
        until_done(lambda: world.stack.signal("rabbitmq", signal.SIGKILL))
