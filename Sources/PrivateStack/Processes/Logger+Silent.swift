import Logging

extension Logger {
    /// For library calls whose caller gave no logger.
    static let silent = Logger(label: "private-stack") { _ in SwiftLogNoOpLogHandler() }
}
