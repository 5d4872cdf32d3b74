import Glibc

/// A terminal without lines, echo and signals, on its second screen. It is put back on every way out: when the view ends,
/// when a signal ends the process, when the process crashes.
final class RawTerminal: Sendable {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leave: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l\u{1B}[0m"
    private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let crashing = [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE]

    /// How the terminal was. Written before any handler that reads it is installed, and by one view at a time: there is
    /// one terminal, and `top` is the only command that makes it raw.
    private nonisolated(unsafe) static var saved = termios()

    /// - Throws: if standard input is no terminal.
    init() throws(CommandError) {
        guard tcgetattr(STDIN_FILENO, &Self.saved) == 0 else {
            throw CommandError(.failed, "standard input is no terminal")
        }
        // Both functions may be called in a handler, and so may `_exit` and `raise`.
        for number in Self.ending {
            signal(number) { number in
                RawTerminal.restore()
                _exit(128 + number)
            }
        }
        for number in Self.crashing {
            signal(number) { number in
                RawTerminal.restore()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        var raw = Self.saved
        cfmakeraw(&raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        StandardStream.output.write(Self.enter)
    }

    /// Puts it back.
    func close() {
        Self.restore()
        for number in Self.ending + Self.crashing { signal(number, SIG_DFL) }
        Interruption.endsTheProcess()
    }

    private static func restore() {
        _ = write(STDOUT_FILENO, leave.utf8Start, leave.utf8CodeUnitCount)
        tcsetattr(STDIN_FILENO, TCSANOW, &saved)
    }

    /// Now; 80 by 24 if it does not say.
    func size() -> (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// What was typed since; nil: nobody sits there any more. Does not wait.
    func typed() -> [UInt8]? {
        var place = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&place, 1, 0) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
        return count == 0 ? nil : Array(buffer.prefix(count))
    }

    /// All lines at one go, over what was there.
    func draw(_ lines: [TopLine], _ style: TextStyle) {
        let text = lines.map { $0.text(style) + "\u{1B}[K" }.joined(separator: "\r\n")
        StandardStream.output.write("\u{1B}[H" + text + "\u{1B}[J")
    }
}
