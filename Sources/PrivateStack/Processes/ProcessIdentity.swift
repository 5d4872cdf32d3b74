import FoundationEssentials
import Glibc

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity: Codable, Sendable, Equatable {
    let pid: pid_t
    /// Clock ticks from boot to the process's start, field 22 of `/proc/PID/stat`.
    let startTicks: UInt64

    enum CodingKeys: String, CodingKey {
        case pid
        case startTicks = "start_ticks"
    }

    /// The process that now has this number, nil if there is none or it is only waiting to be reaped.
    init?(running pid: pid_t) {
        guard let data = (try? PrivateFile.read("/proc/\(pid)/stat")).flatMap({ $0 }) else { return nil }
        // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let ticks = UInt64(fields[19]) else { return nil }
        self.pid = pid
        startTicks = ticks
    }

    var isRunning: Bool { Self(running: pid) == self }

    /// Differs after every boot: start ticks do not.
    static var bootID: String {
        let data = (try? PrivateFile.read("/proc/sys/kernel/random/boot_id")).flatMap { $0 }
        return data.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } } ?? ""
    }
}

extension ProcessIdentity {
    /// This process's number.
    static var own: pid_t { getpid() }
}
