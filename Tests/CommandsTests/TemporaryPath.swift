import FoundationEssentials

/// Paths that nobody else has.
enum TemporaryPath {
    static func make() -> String {
        FileManager.default.temporaryDirectory.appending(path: "mixmyai-\(UUID().uuidString)").path
    }

    /// Runs `body` with a file of these bytes, which is removed afterwards.
    static func with<Value>(_ bytes: [UInt8], _ body: (String) throws -> Value) throws -> Value {
        let path = make()
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
