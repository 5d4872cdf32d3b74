import ArgumentParser

/// The exit statuses of the command line.
enum CommandExit: Int32 {
    case succeeded = 0
    case failed = 1
    case usage = 2
    case partial = 3
    case notAllowed = 4
    case notFound = 5
    case conflict = 6
    case timedOut = 7
    case interrupted = 130

    /// Thrown to end a command that has said all there is to say.
    var code: ExitCode { ExitCode(rawValue) }
}
