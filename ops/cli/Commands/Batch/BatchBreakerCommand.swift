import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai batch breaker NAME RULE|off`.
struct BatchBreakerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breaker", abstract: "Say when a batch is to be paused by itself.",
        discussion: """
            mixmyai batch breaker q3 "50% of 20"

            Paused is it when at least 20 of its tasks have ended, at least 15 % of those that have ended or are at work have
            failed, and half of the failures have the same fingerprint; of the last thousand results. That is what a batch
            has if nothing is said. `off`: never.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Argument(help: ArgumentHelp("\"SHARE% of TASKS\", or off.", valueName: "rule")) var rule: BreakerRule
    @Option(help: "Why, for the audit log.") var reason = "set by hand"

    func run() async throws {
        let action = try Operator.action(reason)
        let (target, breaker) = (target, rule.breaker)
        let batch = try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            let batch = try await target.find(desk)
            try await desk.setBreaker(batch.id, breaker, action)
            return batch
        }
        let text = breaker?.description ?? "off"
        global.console.emit(["batch_id": .string(batch.id), "breaker": .string(text)]) {
            "The breaker of \(PlainText.line(batch.name)) is \(text)."
        }
    }
}
