package import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes each log record as one JSON object on standard output.
package struct JSONLineLog: LogHandler {
    private let label: String
    /// Metadata of every record.
    package var metadata: Logger.Metadata = [:]
    /// The least severe level written.
    package var logLevel: Logger.Level = .info

    /// - Parameter label: the `logger` member of each record
    package init(label: String) {
        self.label = label
    }

    /// Metadata of every record, by key.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one record.
    package func log(event: LogEvent) {
        var json = JSONWriter()
        json.beginObject()
        json.field("time", Timestamp.text(milliseconds: Timestamp.wallMilliseconds(), showsMilliseconds: true))
        json.field("level", event.level.rawValue)
        json.field("logger", label)
        json.field("message", event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            if let number = Int(value.description) { json.integer(number) } else { json.string(value.description) }
        }
        json.literal("}\n")
        // One write per record keeps lines whole when several threads log.
        json.bytes.withUnsafeBytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
