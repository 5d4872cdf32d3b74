import FleetSettings
import FoundationEssentials
import PrivateStack

/// Where the fleet is: the user's environment, else what `MIXMYAI_CONFIG` names, else what `mixmyai up` wrote into the
/// state directory. A state directory that was named on the command line goes before both.
struct FleetEnvironment: Sendable {
    private let process: [String: String]
    private let settings: [String: SettingsFile.Value]
    private let file: [String: String]
    private let state: StateDirectory
    private let prefersFile: Bool

    init(
        process: [String: String], settings: [String: SettingsFile.Value] = [:], state: StateDirectory,
        prefersFile: Bool
    ) {
        let text = FileManager.default.contents(atPath: state.environment).map { String(decoding: $0, as: UTF8.self) }
        self.init(
            process: process, settings: settings, file: text.map(ShellExports.parse) ?? [:], state: state,
            prefersFile: prefersFile)
    }

    init(
        process: [String: String], settings: [String: SettingsFile.Value] = [:], file: [String: String],
        state: StateDirectory, prefersFile: Bool
    ) {
        self.process = process
        self.settings = settings
        self.file = file
        self.state = state
        self.prefersFile = prefersFile
    }

    /// A setting; an empty variable is an unset one.
    subscript(name: String) -> String? {
        found(name)?.text
    }

    /// Whether a private fleet has left word in the state directory.
    var hasFile: Bool { !file.isEmpty }

    /// Where a setting comes from, for messages.
    func origin(of name: String) -> String { found(name)?.origin ?? "environment" }

    /// A setting that has to be there.
    func required(_ name: String) throws(CommandError) -> String {
        if let value = self[name] { return value }
        throw CommandError(
            .failed,
            hasFile
                ? "\(name) is neither in the environment nor in \(state.environment)"
                : "no fleet found: \(name) is not set and there is no \(state.environment). "
                    + "Run `mixmyai up`, name its folder with --state-dir, or set \(name)")
    }

    private func found(_ name: String) -> SettingsFile.Value? {
        let environment =
            Self.nonEmpty(process[name]).map { SettingsFile.Value(text: $0, origin: "environment") } ?? settings[name]
        let written = Self.nonEmpty(file[name]).map { SettingsFile.Value(text: $0, origin: state.environment) }
        return prefersFile ? written ?? environment : environment ?? written
    }

    static func nonEmpty(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
