import FoundationEssentials
import Glibc

/// The paths below one stack's state directory.
package struct StateDirectory: Sendable, Equatable {
    /// Absolute.
    package let path: String

    /// - Parameter path: relative paths start at the working directory of now.
    package init(_ path: String) {
        let absolute = path.hasPrefix("/") ? path : Self.workingDirectory + "/" + path
        var parts: [Substring] = []
        for part in absolute.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        self.path = "/" + parts.joined(separator: "/")
    }

    private static var workingDirectory: String {
        guard let pointer = getcwd(nil, 0) else { return "/" }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// The `export NAME=value` lines, mode 0600.
    package var environment: String { path + "/env" }
    /// The running processes.
    package var processes: String { path + "/processes.json" }
    /// The folder of `NAME.log` files.
    package var log: String { path + "/log" }
    var marker: String { path + "/.mixmyai-stack" }
    var credentials: String { path + "/credentials.json" }
    var ports: String { path + "/ports.json" }
    var children: String { path + "/supervisor.json" }
    var lock: String { path + "/supervisor.lock" }
    var configuration: String { path + "/conf" }
    var postgres: String { path + "/postgres" }
    var rabbitMQ: String { path + "/rabbitmq" }
    var redis: String { path + "/redis" }

    static let socketName = "supervisor.sock"

    /// Everything the stack makes, the marker last: a purge cut short can be repeated.
    private static let owned = [
        "processes.json", "env", socketName, "postgres", "postgres.new", "rabbitmq", "redis", "log", "conf",
        "postgres.password", "ports.json", "supervisor.json", "credentials.json", "supervisor.lock", ".mixmyai-stack",
    ]

    /// Whether a stack made this directory its own.
    package var isOurs: Bool { access(marker, F_OK) == 0 }

    /// Creates the directory and its marker.
    ///
    /// - Throws: `.foreignDirectory` if it belongs to another user, or holds files of our names but not our marker.
    func create() throws(PrivateStackError) {
        guard !path.unicodeScalars.contains(where: { $0.value < 32 || $0 == "\"" || $0 == "\\" }) else {
            throw PrivateStackError(.notPermitted, "the state directory's path holds a character that is not allowed")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw PrivateStackError(.notPermitted, "cannot create \(path); choose another --state-dir")
        }
        var information = stat()
        guard stat(path, &information) == 0 else { throw .system("look at \(path)", errno: errno) }
        guard information.st_uid == geteuid() else {
            throw PrivateStackError(
                .foreignDirectory, "\(path) belongs to another user; choose another --state-dir")
        }
        if !isOurs {
            let foreign = Self.owned.first { access(path + "/" + $0, F_OK) == 0 }
            if let foreign {
                throw PrivateStackError(
                    .foreignDirectory,
                    "\(path) holds \(foreign), which was not made by this stack; choose another --state-dir")
            }
        }
        // PostgreSQL refuses to run as root: its own user has to get through to its data, but sees no names here.
        guard chmod(path, geteuid() == 0 ? 0o711 : 0o700) == 0 else { throw .system("chmod \(path)", errno: errno) }
        if !isOurs { try PrivateFile.write("Made by mixmyai up.\n", to: marker, mode: 0o600) }
        for folder in [log, configuration] { try Self.makeFolder(folder) }
    }

    /// Makes a private folder unless it is there.
    static func makeFolder(_ path: String) throws(PrivateStackError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("create \(path)", errno: errno) }
    }

    /// Deletes what the stack made, and the directory if nothing else is in it.
    ///
    /// - Throws: `.foreignDirectory` without our marker.
    func purge() throws(PrivateStackError) {
        guard access(path, F_OK) == 0 else { return }
        guard isOurs else {
            throw PrivateStackError(.foreignDirectory, "\(path) was not made by this stack; nothing was deleted")
        }
        for name in Self.owned {
            for suffix in [".new", ""] { try Self.remove(path + "/" + name + suffix) }
        }
        // Fails, as it should, when somebody keeps other files here.
        rmdir(path)
    }

    /// Deletes a file or a whole folder; a missing one is fine.
    static func remove(_ path: String) throws(PrivateStackError) {
        var information = stat()
        var attempts = 0
        while lstat(path, &information) == 0 {
            attempts += 1
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch  where attempts < 5 {
                // A dying server may be deleting files of its own in there.
                continue
            } catch {
                throw PrivateStackError(.system, "cannot delete \(path)")
            }
        }
    }
}
