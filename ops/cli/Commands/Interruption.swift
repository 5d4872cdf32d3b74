import Glibc

/// Ctrl-C.
enum Interruption {
    /// Ends the process at once with status 130. Commands with something to clean up listen for signals themselves.
    static func endsTheProcess() {
        signal(SIGINT) { _ in _exit(CommandExit.interrupted.rawValue) }
    }
}
