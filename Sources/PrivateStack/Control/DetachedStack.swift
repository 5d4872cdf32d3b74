import FoundationEssentials
import Glibc

/// Starts a supervisor that goes on when its starter ends: a session leader without a terminal.
package struct DetachedStack: Sendable {
    /// How it went.
    package enum Outcome: Sendable, Equatable {
        case started
        /// A stack was running already; its status then.
        case alreadyRunning(StackStatus)
    }

    private let state: StateDirectory

    /// For the stack in this directory.
    package init(_ state: StateDirectory) { self.state = state }

    /// Runs `executable` with `arguments`, which must lead to ``PrivateStack/run(whenReady:)`` on the same state
    /// directory, and waits until the stack is ready. Its messages go to `DIR/log/supervisor.log`.
    ///
    /// - Parameters:
    ///   - environment: the supervisor's whole environment.
    ///   - limit: has to be longer than the stack's own limit, which names the reason.
    ///   - progress: called with a short line for each step.
    /// - Throws: `.startFailed` and others, with the reason in one line.
    package func start(
        executable: String, arguments: [String], environment: [String: String], limit: Duration = .seconds(135),
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PrivateStackError) -> Outcome {
        do {
            return .alreadyRunning(try await StackControl(state).status())
        } catch  where error.code == .notRunning {
        }
        try state.create()
        let log = LogFile(path: state.log + "/supervisor.log")
        log.rotate()
        let offset = log.size
        let reading = try spawn(executable, arguments, environment, log: log)
        defer { close(reading) }
        let deadline = ContinuousClock.now + limit
        let last = await BlockingCall.run("start-report") {
            Self.follow(reading, until: deadline, progress: progress)
        }
        switch last {
        case .ready?: return .started
        case .failed(let code, let message)?:
            throw PrivateStackError(PrivateStackError.Code(rawValue: code ?? "") ?? .startFailed, message)
        case .late?:
            throw PrivateStackError(.timedOut, "no answer from the supervisor; see \(log.path)")
        case nil:
            let tail = log.lastLines(3, after: offset).joined(separator: " | ")
            throw PrivateStackError(.startFailed, "the supervisor ended: \(tail)")
        }
    }

    /// - Returns: the reading end of the report pipe.
    private func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String], log: LogFile
    ) throws(PrivateStackError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("make a pipe", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var launch = SpawnRequest(executable: executable, arguments: arguments, output: .file(log.path))
        launch.environment = environment.merging([StartReport.variable: "3"]) { $1 }
        launch.newSession = true
        launch.extraDescriptor = ends[1]
        do {
            _ = try launch.spawn()
        } catch {
            close(ends[0])
            throw error
        }
        return ends[0]
    }

    private enum Last: Sendable {
        case ready
        case failed(code: String?, message: String)
        case late
    }

    /// Reads reports until one is final. Nil: the pipe was closed without one.
    private static func follow(
        _ descriptor: Int32, until deadline: ContinuousClock.Instant, progress: (String) -> Void
    ) -> Last? {
        var pending = Data()
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let rest = max(0, Int32((deadline - .now) / .milliseconds(1)))
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, rest)
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return .late }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return nil }
            pending.append(contentsOf: chunk[..<count])
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(pending[..<end])
                pending = Data(pending[pending.index(after: end)...])
                guard let report = try? JSONDecoder().decode(StartReport.self, from: line) else { continue }
                switch report.kind {
                case .progress: progress(report.message)
                case .ready: return .ready
                case .failed: return .failed(code: report.errorCode, message: report.message)
                }
            }
        }
    }
}
