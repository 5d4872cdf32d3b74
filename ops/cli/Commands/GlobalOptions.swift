import ArgumentParser
import FleetSettings
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
        StateDirectory(stateDir ?? FleetEnvironment.nonEmpty(configuration["MIXMYAI_STATE_DIR"]) ?? Self.defaultState)
    }

    /// The `--state-dir` to write into hints, empty if it is the default one.
    var stateHint: String {
        state == StateDirectory(Self.defaultState) ? "" : " --state-dir \(state.path)"
    }

    var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The environment over what `MIXMYAI_CONFIG` names, as the fleet's processes read them.
    var configuration: [String: String] {
        settings.mapValues(\.text).merging(environment.filter { !$0.value.isEmpty }) { $1 }
    }

    /// Where the fleet is.
    var fleet: FleetEnvironment {
        FleetEnvironment(process: environment, settings: settings, state: state, prefersFile: stateDir != nil)
    }

    /// Where the private fleet of the state directory is, whatever the environment says.
    var privateFleet: FleetEnvironment { FleetEnvironment(process: [:], state: state, prefersFile: true) }

    var console: Console { Console(format: format, color: color, environment: environment) }

    /// What `MIXMYAI_CONFIG` names, read once.
    private var settings: [String: SettingsFile.Value] { (try? Self.settingsFile.get()) ?? [:] }

    private static let settingsFile: Result<[String: SettingsFile.Value], CommandError> = {
        guard let path = FleetEnvironment.nonEmpty(ProcessInfo.processInfo.environment["MIXMYAI_CONFIG"]) else {
            return .success([:])
        }
        do {
            return .success(try SettingsFile(path: path).values)
        } catch {
            return .failure(CommandError(.usage, "\(error)"))
        }
    }()

    private static let defaultState = ".fleet"

    /// As with the processes: with a settings file that is wrong nothing starts.
    func validate() throws {
        _ = try Self.settingsFile.get()
    }
}
