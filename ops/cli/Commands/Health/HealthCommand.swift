import ArgumentParser
import FleetCore
import PrivateStack

/// `mixmyai health`.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Say which part of the fleet is ill, since when, why, and what to do.",
        discussion: """
            healthy   it does what it should
            degraded  it works, less well than it should
            ill       it does not do what it is for
            unknown   who would know does not say

            Servers and the gateway are asked, each for a few seconds at most; schedulers, workers, queues and providers
            are known from the rows, processes of a private fleet by their probes. A queue is consumed if workers take
            its canary, a message that a scheduler puts into it every few seconds.

            Exit status 1 if a part is ill, else 0. `mixmyai doctor` checks settings and versions besides.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run() async throws {
        let fleet = global.fleet
        let check = HealthCheck(fleet, configuration: global.configuration, state: global.state)
        guard await check.findsFleet else {
            throw CommandError(
                .failed,
                "no fleet found in \(global.state.path). Start one with `mixmyai up`, or set DATABASE_URL")
        }
        let parts = await check.parts()
        let console = global.console
        console.emit(parts.map(\.json)) { PartHealth.report(parts, console.style) }
        guard parts.allSatisfy({ $0.state != .ill }) else { throw CommandExit.failed.code }
    }
}
