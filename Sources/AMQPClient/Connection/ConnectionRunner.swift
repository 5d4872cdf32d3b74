import AsyncPrimitives
import BlockingIO
import Logging

/// Starts, runs and ends the owner thread of one connection: the common part of publisher and consumer.
final class ConnectionRunner<Role: ConnectionRole>: Sendable {
    let status = ConnectionStatus()
    private let thread: OwnerThread<LoopCommand<Role.Command>>
    private let ended = OneShot()
    private let interrupt = Interrupt()

    /// - Parameter makeRole: called once, on the owner thread.
    init(
        _ configuration: AMQPConfiguration, threadName: String, logger: Logger,
        makeRole: @escaping @Sendable () -> Role
    ) throws(AMQPError) {
        do {
            let eventFD = try EventFD()
            thread = try OwnerThread(
                name: threadName, ring: { eventFD.ring() },
                body: { [status, ended, interrupt] mailbox in
                    var loop = ConnectionLoop(
                        configuration: configuration, eventFD: eventFD, status: status, interrupt: interrupt,
                        logger: logger, role: makeRole())
                    loop.run(mailbox)
                    ended.open()
                })
        } catch {
            throw AMQPError(.outOfResources, "\(error)")
        }
    }

    /// False if the loop has ended: the caller resumes what the command carries.
    func post(_ command: Role.Command) -> Bool {
        thread.post(.role(command))
    }

    func run() async {
        _ = thread.post(.start)
        await withTaskCancellationHandler {
            await ended.wait()
        } onCancel: {
            stop()
        }
        // The loop has returned: this waits for the thread's last instructions only.
        thread.join()
    }

    func shutdown() async {
        stop()
        await ended.wait()
        thread.join()
    }

    private func stop() {
        _ = thread.post(.stop)
        interrupt.raise()
    }
}
