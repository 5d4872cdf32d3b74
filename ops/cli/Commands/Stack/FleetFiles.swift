import FoundationEssentials
import Glibc

/// The files a private fleet is started from.
struct FleetFiles: Sendable, Equatable {
    /// The folder with the executables.
    var programs: String
    /// The agent catalogue.
    var agents: String
    /// The model catalogue.
    var models: String

    /// The fleet's executables.
    static let programNames = ["gateway", "scheduler", "worker", "provider-twin"]

}

extension FleetFiles {
    /// Looks next to the running program, and for `workers/agents` from there and from the working directory upwards.
    ///
    /// - Parameter environment: MIXMYAI_AGENTS and MIXMYAI_MODELS win.
    init(environment: [String: String], executable: String, workingDirectory: String) throws(CommandError) {
        let programs = Self.parent(of: executable)
        let missing = Self.programNames.filter { access("\(programs)/\($0)", X_OK) != 0 }
        guard missing.isEmpty else {
            throw CommandError(
                .failed,
                "\(missing.joined(separator: ", ")) not found in \(programs): build with "
                    + missing.map { "`swift build --product \($0)`" }.joined(separator: ", "))
        }
        self.programs = programs
        let catalogues = Self.catalogueFolder(from: [workingDirectory, programs])
        agents = try Self.catalogue(
            "agents.yaml", in: catalogues, variable: "MIXMYAI_AGENTS", environment, workingDirectory)
        models = try Self.catalogue(
            "models.yaml", in: catalogues, variable: "MIXMYAI_MODELS", environment, workingDirectory)
    }

    private static func catalogue(
        _ name: String, in folder: String?, variable: String, _ environment: [String: String],
        _ workingDirectory: String
    ) throws(CommandError) -> String {
        if let path = FleetEnvironment.nonEmpty(environment[variable]) {
            let absolute = path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)"
            guard access(absolute, R_OK) == 0 else {
                throw CommandError(.failed, "\(variable): \(path) cannot be read")
            }
            return absolute
        }
        if let folder { return "\(folder)/\(name)" }
        throw CommandError(
            .failed, "no workers/agents/\(name) here or above, nor above the programs: set \(variable)")
    }

    /// The path of the running program.
    static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    static var workingDirectory: String { FileManager.default.currentDirectoryPath }

    /// The nearest folder `workers/agents` with both catalogues.
    static func catalogueFolder(from starts: [String]) -> String? {
        for start in starts {
            var folder = start
            while !folder.isEmpty {
                let candidate = "\(folder)/workers/agents"
                if ["agents.yaml", "models.yaml"].allSatisfy({ access("\(candidate)/\($0)", R_OK) == 0 }) {
                    return candidate
                }
                folder = parent(of: folder)
            }
        }
        return nil
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
