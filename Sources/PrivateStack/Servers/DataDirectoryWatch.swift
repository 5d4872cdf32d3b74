import Glibc
import Synchronization

/// Notices that a running server's data was deleted or replaced, by the inodes of a few of its entries.
final class DataDirectoryWatch: Sendable {
    private let paths: [String]
    private let inodes = Mutex<[ino_t?]?>(nil)

    init(_ paths: [String]) { self.paths = paths }

    /// Remembers what is there now.
    func remember() {
        let current = look()
        inodes.withLock { $0 = current }
    }

    var isIntact: Bool {
        let current = look()
        return inodes.withLock { $0 == nil || $0 == current }
    }

    private func look() -> [ino_t?] {
        paths.map { path in
            var information = stat()
            return stat(path, &information) == 0 ? information.st_ino : nil
        }
    }
}
