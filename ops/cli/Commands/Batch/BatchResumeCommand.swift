import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai batch resume NAME`.
struct BatchResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lift a batch's pause; what it kept goes on at once.",
        discussion: """
            Whoever paused it: a person, its breaker, or the bounds of its pilot. The breaker does not count what failed
            before. A pause of its user, or of an agent type, stays.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Flag(help: "Also let all of it go while its pilot is still under way.") var now = false
    @Option(help: "Why, for the audit log.") var reason = "resumed by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (target, now) = (target, now)
        let (batch, wasPaused) = try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            let batch = try await target.find(desk)
            return (batch, try await desk.resume(batch.id, withoutPilot: now, action))
        }
        global.console.emit(["batch_id": .string(batch.id), "was_paused": .bool(wasPaused)]) {
            "batch \(PlainText.line(batch.name)) \(wasPaused ? "goes on" : "was not paused")."
        }
    }
}
