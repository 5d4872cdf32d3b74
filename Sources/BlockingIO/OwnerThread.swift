import Synchronization

/// A thread that owns a handle which has to wait for the outside world: an AMQP connection, a curl multi handle.
///
/// The loop's body waits in its own way (`poll`, `curl_multi_poll`), takes commands from the mailbox and returns
/// when it is told to stop. Commands come from any thread through ``post(_:)``, which also rings the loop awake.
/// Whoever writes the body resumes every continuation that it was handed before it returns; commands posted after
/// that are refused, so the caller resumes them itself.
package final class OwnerThread<Command: Sendable>: Sendable {
    /// What the loop sees of its mailbox.
    package struct Mailbox: Sendable {
        fileprivate let state: State

        /// Takes all commands that wait, in order; empty if there are none.
        package func drain() -> [Command] {
            state.queue.withLock { queue in
                guard !queue.commands.isEmpty else { return [] }
                let commands = queue.commands
                queue.commands = []
                return commands
            }
        }

        /// Refuses further commands and returns those that wait: the loop's last act.
        package func close() -> [Command] {
            state.queue.withLock { queue in
                queue.isClosed = true
                let commands = queue.commands
                queue.commands = []
                return commands
            }
        }
    }

    fileprivate final class State: Sendable {
        struct Queue {
            var commands: [Command] = []
            var isClosed = false
        }
        let queue = Mutex(Queue())
    }

    private let state: State
    private let thread: NamedThread
    private let ring: @Sendable () -> Void

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: the thread's name, 15 bytes are kept.
    ///   - ring: wakes the loop; called from any thread, only when the mailbox was empty before.
    ///   - body: the loop. Returning ends the thread.
    package init(
        name: String, ring: @escaping @Sendable () -> Void, body: @escaping @Sendable (Mailbox) -> Void
    ) throws(BlockingIOError) {
        let state = State()
        self.state = state
        self.ring = ring
        thread = try NamedThread(name: name) {
            let mailbox = Mailbox(state: state)
            body(mailbox)
            _ = mailbox.close()
        }
    }

    /// Hands a command to the loop; false if the loop has ended and will not see it.
    package func post(_ command: Command) -> Bool {
        let (accepted, wasEmpty) = state.queue.withLock { queue in
            guard !queue.isClosed else { return (false, false) }
            queue.commands.append(command)
            return (true, queue.commands.count == 1)
        }
        if wasEmpty { ring() }
        return accepted
    }

    /// Blocks until the loop has returned. The loop has to have been told to stop with a command.
    package func join() {
        thread.join()
    }
}
