import Glibc

/// A failure of threads or wake-ups: the process is out of threads or file descriptors.
package struct BlockingIOError: Error, Sendable, CustomStringConvertible {
    /// What failed.
    package enum Code: String, Sendable {
        case threadCreation = "thread_creation"
        case wakeUpCreation = "wake_up_creation"
        case shutDown = "shut_down"
    }

    /// Says which resource ran out.
    package let code: Code
    /// The C library's error number, 0 if there was none.
    package let errorNumber: Int32

    init(_ code: Code, errno: Int32 = 0) {
        self.code = code
        self.errorNumber = errno
    }

    /// The code and, if there is an error number, the C library's words for it.
    package var description: String {
        errorNumber == 0 ? code.rawValue : "\(code.rawValue): \(String(cString: strerror(errorNumber)))"
    }
}
