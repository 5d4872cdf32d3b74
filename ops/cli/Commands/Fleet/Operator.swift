import FleetCore
import Glibc

/// Who runs the command: the operating system's user.
enum Operator {
    /// What they do, for the audit log.
    ///
    /// - Throws: without a reason.
    static func action(_ reason: String) throws(CommandError) -> OperatorAction {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw CommandError(.usage, "--reason is empty: say in a few words why")
        }
        return OperatorAction(actor: name, reason: reason)
    }

    /// The name, or the number of a user without one.
    static var name: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let start = buffer.baseAddress else { return "uid \(getuid())" }
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard getpwuid_r(getuid(), &entry, start, buffer.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return "uid \(getuid())" }
            return String(cString: name)
        }
    }
}
