import ArgumentParser
import FleetCore
import JSON
import PrivateStack

/// `mixmyai worker drain NAME`.
struct WorkerDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a worker of the private fleet finish what it is doing, then stop it.",
        discussion: """
            Calls that it has made are paid for: it ends them all, however long that takes, and takes nothing new meanwhile.
            Ctrl-C ends the waiting, not the draining. The worker stays stopped until the fleet starts again or
            `mixmyai worker scale` brings its number back.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The worker's name, worker-1 for example.") var name: String
    @Option(help: "Why, for the audit log.") var reason = "drained by hand"
    @Flag(help: "Return at once; the worker goes on finishing.") var detach = false

    func run() async throws {
        let action = try Operator.action(reason)
        let control = StackControl(global.state)
        guard try await worker(control) != nil else {
            throw CommandError(.notFound, "there is no worker \(name) in \(global.state.path)")
        }
        try await control.drain(name)
        await WorkerAudit(global: global).note(action, "worker.drain", "worker/\(name)")
        if !detach { try await awaitStop(control) }
        let state: StackStatus.Process.State = detach ? .stopping : .stopped
        global.console.emit(["name": .string(name), "state": .string(state.rawValue)]) {
            detach
                ? "\(name) takes nothing new and stops when its calls have ended." : "\(name) has finished and stopped."
        }
    }

    private func worker(_ control: StackControl) async throws -> StackStatus.Process? {
        try await control.status().processes.first { $0.name == name && $0.role == .worker }
    }

    private func awaitStop(_ control: StackControl) async throws {
        let start = ContinuousClock.now
        var isTold = false
        while try await worker(control).map({ $0.state != .stopped }) ?? false {
            if !isTold, ContinuousClock.now - start > .seconds(2) {
                global.console.note("\(name) is finishing its calls (Ctrl-C ends the waiting, not the draining)")
                isTold = true
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
