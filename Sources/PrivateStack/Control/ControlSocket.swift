import FoundationEssentials
import Glibc

/// The unix socket `supervisor.sock` in the state directory, and lines of JSON over it.
enum ControlSocket {
    /// A line longer than this is not ours.
    private static let lineLimit = 1 << 20

    /// Opens the socket for listening, readable and writable by its owner only.
    static func listen(in state: StateDirectory) throws(PrivateStackError) -> Int32 {
        let descriptor = try open()
        // Before `bind`: on Linux the file is then created with this mode and is never open to others.
        fchmod(descriptor, 0o600)
        unlink(state.path + "/" + StateDirectory.socketName)
        guard try withAddress(in: state, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0 else {
            let number = errno
            close(descriptor)
            throw .system("listen on \(state.path)/\(StateDirectory.socketName)", errno: number)
        }
        return descriptor
    }

    /// - Throws: `.notRunning` if nobody listens.
    static func connect(in state: StateDirectory) throws(PrivateStackError) -> Int32 {
        let descriptor: Int32
        let connected: Int32
        do {
            descriptor = try open()
            connected = try withAddress(in: state) { Glibc.connect(descriptor, $0, $1) }
        } catch  where error.code == .system && access(state.path, F_OK) != 0 {
            throw PrivateStackError(.notRunning, "no stack is running in \(state.path)")
        }
        guard connected == 0 else {
            close(descriptor)
            throw PrivateStackError(.notRunning, "no stack is running in \(state.path)")
        }
        return descriptor
    }

    /// Reads one line; nil at the end of the stream, on a time-out or for nonsense.
    static func read<Message: Decodable>(_ type: Message.Type, from descriptor: Int32) -> Message? {
        var line = Data()
        var chunk = [UInt8](repeating: 0, count: 4096)
        while line.last != UInt8(ascii: "\n") {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0, line.count < lineLimit else { return nil }
            line.append(contentsOf: chunk[..<count])
        }
        return try? JSONDecoder().decode(type, from: line)
    }

    /// Writes one line. Whoever asked may be gone: that is not an error.
    static func write(_ message: some Encodable, to descriptor: Int32) {
        guard var line = try? JSONEncoder().encode(message) else { return }
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Limits every later read and write.
    static func limit(_ descriptor: Int32, seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private static func open() throws(PrivateStackError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("open a unix socket", errno: errno) }
        return descriptor
    }

    /// A socket's path may have 107 bytes, a state directory's more: it is named through an open descriptor.
    private static func withAddress(
        in state: StateDirectory, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(PrivateStackError) -> Int32 {
        let folder = Glibc.open(state.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            let number = errno
            guard number == EACCES else { throw .system("open \(state.path)", errno: number) }
            throw PrivateStackError(
                .foreignDirectory, "\(state.path) belongs to another user; choose another --state-dir")
        }
        defer { close(folder) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array("/proc/self/fd/\(folder)/\(StateDirectory.socketName)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
