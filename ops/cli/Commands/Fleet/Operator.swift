import Glibc

/// Who runs the command: the operating system's user.
enum Operator {
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
