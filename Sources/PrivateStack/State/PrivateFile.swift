import FoundationEssentials
import Glibc

/// Small files which are never seen half-written: a temporary file beside the target, then a rename.
enum PrivateFile {
    static func write(_ data: Data, to path: String, mode: mode_t, owner: (uid: uid_t, gid: gid_t)? = nil)
        throws(PrivateStackError)
    {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system("create \(temporary)", errno: errno) }
        defer { close(descriptor) }
        if let owner, fchown(descriptor, owner.uid, owner.gid) != 0 {
            throw .system("change owner of \(temporary)", errno: errno)
        }
        // The creation mode is cut by the umask.
        fchmod(descriptor, mode)
        let written = data.withUnsafeBytes { bytes -> Bool in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
        guard written else { throw .system("write \(temporary)", errno: errno) }
        guard rename(temporary, path) == 0 else { throw .system("rename to \(path)", errno: errno) }
    }

    static func write(_ text: String, to path: String, mode: mode_t, owner: (uid: uid_t, gid: gid_t)? = nil)
        throws(PrivateStackError)
    {
        try write(Data(text.utf8), to: path, mode: mode, owner: owner)
    }

    static func writeJSON(_ value: some Encodable, to path: String, mode: mode_t) throws(PrivateStackError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw PrivateStackError(.system, "cannot encode \(path)")
        }
        try write(data + Data("\n".utf8), to: path, mode: mode)
    }

    /// The file's bytes, nil if there is no such file.
    static func read(_ path: String) throws(PrivateStackError) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("open \(path)", errno: errno)
        }
        defer { close(descriptor) }
        var data = Data()
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system("read \(path)", errno: errno) }
            guard count > 0 else { return data }
            data.append(contentsOf: chunk[..<count])
        }
    }
}
