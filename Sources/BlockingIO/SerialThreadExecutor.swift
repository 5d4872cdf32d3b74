import Glibc
import Synchronization

/// Runs jobs one after another, in order, on one thread of its own.
///
/// For request/response C libraries (libpq, hiredis): one connection, one executor. A job may block; nothing
/// else runs on the thread meanwhile, so a job is also a critical section. It is a `SerialExecutor` for an actor
/// that owns a handle, and takes plain closures through ``submit(_:)``.
///
/// - Important: hold the executor strongly in the actor (`let executor`): `unownedExecutor` does not. Call
///   ``shutdown()`` before letting go of it; jobs enqueued afterwards still run, on the caller's thread of the
///   last resort, so that no continuation is ever left waiting.
package final class SerialThreadExecutor: SerialExecutor {
    private let mailbox: Mailbox
    private let thread: NamedThread

    /// Starts the thread.
    ///
    /// - Parameter name: the thread's name, 15 bytes are kept.
    package init(name: String) throws(BlockingIOError) {
        let mailbox = Mailbox()
        self.mailbox = mailbox
        thread = try NamedThread(name: name) { mailbox.run() }
    }

    /// Appends a job. Never blocks beyond a short lock.
    package func submit(_ job: @escaping @Sendable () -> Void) {
        mailbox.append(.closure(job))
    }

    /// Appends an actor's job; after ``shutdown()`` it runs at once, on the caller's thread.
    package func enqueue(_ job: consuming ExecutorJob) {
        mailbox.append(.job(UnownedJob(job), self))
    }

    /// Two executors are the same only if they are one object. The reference does not keep this one alive.
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Lets closures given to ``submit(_:)`` assume the isolation; traps on any other thread.
    package func checkIsolated() {
        precondition(mailbox.isCurrentThread, "not on the executor's thread")
    }

    /// Runs the jobs that wait, then ends and joins the thread. Blocks the caller: not for the cooperative pool
    /// unless the queue is known to be short.
    package func shutdown() {
        mailbox.close()
        if !mailbox.isCurrentThread { thread.join() }
    }

    /// One entry of the queue.
    fileprivate enum Entry: Sendable {
        case closure(@Sendable () -> Void)
        case job(UnownedJob, SerialThreadExecutor)

        func run() {
            switch self {
            case .closure(let body): body()
            case .job(let job, let executor): job.runSynchronously(on: executor.asUnownedSerialExecutor())
            }
        }
    }

    /// The queue with its mutex and condition.
    ///
    /// `@unchecked Sendable`: every stored property is read and written only while `mutex` is held.
    fileprivate final class Mailbox: @unchecked Sendable {
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var entries: [Entry] = []
        private var isClosed = false
        /// The thread runs nothing more.
        private var hasEnded = false
        private var threadID: pthread_t?

        init() {
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_cond_destroy(condition)
            pthread_mutex_destroy(mutex)
            condition.deallocate()
            mutex.deallocate()
        }

        var isCurrentThread: Bool {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            guard let threadID else { return false }
            return pthread_equal(threadID, pthread_self()) != 0
        }

        func append(_ entry: Entry) {
            pthread_mutex_lock(mutex)
            guard !hasEnded else {
                pthread_mutex_unlock(mutex)
                entry.run()
                return
            }
            entries.append(entry)
            if entries.count == 1 { pthread_cond_signal(condition) }
            pthread_mutex_unlock(mutex)
        }

        func close() {
            pthread_mutex_lock(mutex)
            isClosed = true
            pthread_cond_signal(condition)
            pthread_mutex_unlock(mutex)
        }

        func run() {
            pthread_mutex_lock(mutex)
            threadID = pthread_self()
            while true {
                // `while`, not `if`: a condition wakes spuriously.
                while entries.isEmpty && !isClosed { pthread_cond_wait(condition, mutex) }
                let batch = entries
                entries = []
                guard !batch.isEmpty else {
                    hasEnded = true
                    break
                }
                pthread_mutex_unlock(mutex)
                for entry in batch { entry.run() }
                pthread_mutex_lock(mutex)
            }
            pthread_mutex_unlock(mutex)
        }
    }
}
