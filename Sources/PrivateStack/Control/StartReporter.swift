import FoundationEssentials
import Glibc
import Synchronization

/// The detached supervisor's end of the pipe of ``StartReport``s; does nothing in a foreground start.
final class StartReporter: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the descriptor named by the environment, if any, so that no child gets to see it.
    init() {
        let named = getenv(StartReport.variable).flatMap { Int32(String(cString: $0)) }
        unsetenv(StartReport.variable)
        if let named { _ = fcntl(named, F_SETFD, FD_CLOEXEC) }
        descriptor = Mutex(named)
    }

    func send(_ report: StartReport) {
        descriptor.withLock { descriptor in
            guard let open = descriptor, var line = try? JSONEncoder().encode(report) else { return }
            line.append(UInt8(ascii: "\n"))
            // Short enough to be one atomic write; whoever waited may be gone.
            _ = line.withUnsafeBytes { write(open, $0.baseAddress, $0.count) }
            if report.kind != .progress {
                close(open)
                descriptor = nil
            }
        }
    }
}
