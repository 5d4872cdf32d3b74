import Glibc

/// Runs a program on the caller's own terminal, as a shell does.
package enum ForegroundCommand {
    /// - Parameters:
    ///   - command: the program, found on PATH if it has no slash, and its arguments.
    ///   - environment: the whole environment.
    /// - Returns: how it ended. A cancelled task sends it SIGTERM and still waits.
    /// - Throws: `.programMissing`.
    package static func run(_ command: [String], environment: [String: String]) async throws(PrivateStackError)
        -> ExitStatus
    {
        guard let name = command.first,
            let executable = name.contains("/") ? name : Programs.onPath(name), access(executable, X_OK) == 0
        else {
            throw PrivateStackError(.programMissing, "\(command.first ?? "the command") is not on PATH")
        }
        var launch = SpawnRequest(executable: executable, arguments: Array(command.dropFirst()), output: .inherited)
        launch.environment = environment
        launch.sharesProcessGroup = true
        // Without its starter, and so without servers, it has no purpose.
        let bound = ParentDeathSignal.wrap(launch, parentDeathSignal: "TERM")
        let child = try await ChildProcess.spawn(bound, name: "command")
        return await withTaskCancellationHandler {
            await child.exit()
        } onCancel: {
            child.signal(SIGTERM)
        }
    }
}
