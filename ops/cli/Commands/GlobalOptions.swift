import ArgumentParser
import FoundationEssentials
import PrivateStack

/// The options every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How results are printed: text, json or jsonl.", valueName: "format"))
    var format: OutputFormat = .text

    @Option(
        help: ArgumentHelp("The private fleet's folder (default: $MIXMYAI_STATE_DIR, else .fleet).", valueName: "dir"))
    var stateDir: String?

    @Flag(help: "Never ask anything.")
    var noInput = false

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color: ColorMode = .auto

    /// The folder of the private fleet.
    var state: StateDirectory {
        StateDirectory(stateDir ?? FleetEnvironment.nonEmpty(environment["MIXMYAI_STATE_DIR"]) ?? Self.defaultState)
    }

    /// The `--state-dir` to write into hints, empty if it is the default one.
    var stateHint: String {
        state == StateDirectory(Self.defaultState) ? "" : " --state-dir \(state.path)"
    }

    var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Where the fleet is.
    var fleet: FleetEnvironment {
        FleetEnvironment(process: environment, state: state, prefersFile: stateDir != nil)
    }

    /// Where the private fleet of the state directory is, whatever the environment says.
    var privateFleet: FleetEnvironment { FleetEnvironment(process: [:], state: state, prefersFile: true) }

    var console: Console { Console(format: format, color: color, environment: environment) }

    private static let defaultState = ".fleet"
}
