import ArgumentParser
import Autoscaling
import FleetCore
import JSON
import PrivateStack

/// `mixmyai autoscale`.
struct AutoscaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscale",
        abstract: "Keep as many workers in the private fleet as its backlog wants.",
        discussion: """
            Runs until Ctrl-C and prints a line for each decision with its reason. Workers start at once when work is
            there that may go out now; they go slowly when fewer would do, and only by draining: a worker that is let
            go finishes the calls it has in flight, however long they take.

            Work that waits for a limit, a circuit, a back-off or a pause wants no workers. The numbers are those of
            the workers of this machine. When the command ends, the workers stay as they are.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(name: .customLong("min"), help: ArgumentHelp("The fewest workers.", valueName: "n"))
    var minimum = WorkerBounds.pool.minimum
    @Option(name: .customLong("max"), help: ArgumentHelp("The most workers, at most 256.", valueName: "n"))
    var maximum = WorkerBounds.pool.maximum

    func validate() throws {
        guard bounds != nil, maximum <= 256 else {
            throw ValidationError("--min and --max must be 0 to 256, and --min no more than --max.")
        }
    }

    func run() async throws {
        guard let bounds else { return }
        let console = global.console
        let fleet = LocalFleet(control: StackControl(global.state))
        // A fleet that is not there now is an error; one that goes away later is waited for.
        _ = try await fleet.control.status()
        try await FleetDatabase.withPool(global.fleet) { pool in
            await Autoscaler(fleet: fleet, pool: pool, bounds: bounds).run { line in
                if console.isText { console.print(line.text) } else { console.print(line.json) }
            }
        }
    }

    private var bounds: WorkerBounds? { WorkerBounds(minimum: minimum, maximum: maximum) }
}
