import FoundationEssentials

/// Paths that nobody else has.
enum TemporaryPath {
    static func make() -> String {
        FileManager.default.temporaryDirectory.appending(path: "mixmyai-\(UUID().uuidString)").path
    }
}
