import CLinux
import Glibc
import Synchronization

/// One POSIX thread with a name, joined exactly once.
///
/// The cooperative pool is about as wide as the machine has cores: anything that blocks gets a thread of its own.
final class NamedThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts `body` on a new thread.
    ///
    /// - Parameter name: shown by `top -H` and debuggers; Linux keeps the first 15 bytes.
    init(name: String, body: @escaping @Sendable () -> Void) throws(BlockingIOError) {
        let start = Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                mixmyai_thread_set_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw BlockingIOError(.threadCreation, errno: status)
        }
        handle = Mutex(thread)
    }

    /// Blocks until the thread's body has returned; later calls return at once.
    func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
