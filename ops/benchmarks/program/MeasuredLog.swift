import Foundation
import Synchronization

/// Measured moments, kept in memory and written as CSV at the end, so that measuring costs next to nothing.
final class MeasuredLog: Sendable {
    private let path: String
    private let lines: Mutex<[String]>

    init(path: String) {
        self.path = path
        lines = Mutex([])
    }

    func add(_ fields: String...) {
        let line = fields.joined(separator: ",")
        lines.withLock { $0.append(line) }
    }

    /// Writes what was added so far.
    func save() throws {
        let text = lines.withLock { $0.map { $0 + "\n" }.joined() }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
