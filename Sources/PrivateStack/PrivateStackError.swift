/// Why the private stack could not do what was asked. The text never holds a credential.
package struct PrivateStackError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Code: String, Sendable {
        /// Another supervisor owns the state directory.
        case alreadyRunning = "already_running"
        /// No supervisor answers for the state directory.
        case notRunning = "not_running"
        /// The directory holds files the stack did not make, or belongs to another user.
        case foreignDirectory = "foreign_directory"
        /// The operating system refused; another state directory or user helps.
        case notPermitted = "not_permitted"
        /// A server's or our own program is not installed or not built.
        case programMissing = "program_missing"
        /// A process could not be brought up.
        case startFailed = "start_failed"
        case timedOut = "timed_out"
        case interrupted
        /// No process of that name.
        case unknownProcess = "unknown_process"
        /// The request is not possible in the stack's present state.
        case conflict
        /// A system call failed.
        case system
    }

    /// For programs.
    package let code: Code
    /// One line, for people.
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// A system call's failure with the text of its error number.
    static func system(_ action: String, errno number: Int32) -> PrivateStackError {
        PrivateStackError(.system, "\(action): \(systemErrorText(number))")
    }
}
