/// Why a command cannot go on: one line that says what to do, and the exit status.
struct CommandError: Error, Sendable, CustomStringConvertible {
    let exit: CommandExit
    let message: String
    /// Whether the same call may succeed in a moment.
    var isRetriable = false

    init(_ exit: CommandExit, _ message: String, isRetriable: Bool = false) {
        self.exit = exit
        self.message = message
        self.isRetriable = isRetriable
    }

    /// For programs.
    var code: CommandExit { exit }

    var description: String { message }
}
