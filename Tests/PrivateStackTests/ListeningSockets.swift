import FoundationEssentials
import Glibc

@testable import PrivateStack

/// Who listens on which addresses, from `/proc`.
enum ListeningSockets {
    /// The hexadecimal local addresses (`ADDRESS:PORT`) on which `pids` or their descendants listen.
    static func addresses(of pids: [pid_t]) -> Set<String> {
        let inodes = family(of: pids).reduce(into: Set<String>()) { $0.formUnion(sockets(of: $1)) }
        var found: Set<String> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let data = (try? PrivateFile.read(table)).flatMap({ $0 }) else { continue }
            for line in String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // State 0A is LISTEN.
                if fields.count > 9, fields[3] == "0A", inodes.contains(String(fields[9])) {
                    found.insert(String(fields[1]))
                }
            }
        }
        return found
    }

    /// The processes and everything they started.
    static func family(of pids: [pid_t]) -> Set<pid_t> {
        var parents: [pid_t: pid_t] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = pid_t(entry), let data = (try? PrivateFile.read("/proc/\(pid)/stat")).flatMap({ $0 }) else {
                continue
            }
            let text = String(decoding: data, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            if fields.count > 1 { parents[pid] = pid_t(fields[1]) }
        }
        var family = Set(pids)
        var grew = true
        while grew {
            let children = parents.filter { family.contains($0.value) && !family.contains($0.key) }.keys
            grew = !children.isEmpty
            family.formUnion(children)
        }
        return family
    }

    private static func sockets(of pid: pid_t) -> Set<String> {
        let folder = "/proc/\(pid)/fd"
        var found: Set<String> = []
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(entry)"),
                target.hasPrefix("socket:[")
            else { continue }
            found.insert(String(target.dropFirst("socket:[".count).dropLast()))
        }
        return found
    }
}
