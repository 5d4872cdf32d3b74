import FoundationEssentials
import Glibc

/// One process's log: appended to, set aside at a start when it has grown large.
struct LogFile: Sendable {
    static let sizeLimit: Int64 = 16 << 20

    let path: String

    var size: Int64 {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : 0
    }

    /// Renames a large log to `.1`, over the one set aside before.
    func rotate() {
        if size > Self.sizeLimit { rename(path, path + ".1") }
    }

    /// The last non-empty lines written after `offset`, at most about 2 kB.
    func lastLines(_ count: Int, after offset: Int64 = 0) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 2048)
        let start = max(offset, size - Int64(buffer.count))
        let length = pread(descriptor, &buffer, buffer.count, off_t(start))
        guard length > 0 else { return [] }
        let lines = String(decoding: buffer[..<length], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .map { line in String(line.filter { !$0.isASCII || $0 >= " " }) }
            .filter { !$0.isEmpty }
        return Array(lines.suffix(count))
    }
}
