package import Logging

/// Writes each log statement as one line of JSON.
///
/// Keys: `time` (UTC, microseconds), `level`, `message`, `process` (the role), `name` (this process's own name),
/// `source` (the logger's label), then the metadata in alphabetical order. Nested dictionaries become dotted keys;
/// a key that is already taken gets the prefix `metadata.`. Numbers and truth values stay what they are if they were
/// given as such. An error attached to the statement becomes `error` and `error_type`. Secrets are masked by key
/// (``SecretName``) and inside texts (``SecretScrubber``).
package struct JSONLogHandler: LogHandler {
    /// Metadata of every statement of this logger.
    package var metadata: Logger.Metadata = [:]
    /// The least severe level that is written.
    package var logLevel: Logger.Level
    /// Adds metadata from the context, such as trace and task ids.
    package var metadataProvider: Logger.MetadataProvider?

    private let sink: LogSink
    /// `,"process":...,"name":...,"source":...`: the same in every line.
    private let identity: [UInt8]

    /// Creates the handler of one logger.
    ///
    /// - Parameters:
    ///   - label: the logger's label, shown as `source`.
    ///   - role: what the process is: gateway, scheduler, worker, ...
    ///   - name: which of them: worker-1, ...
    package init(
        label: String, role: String, name: String, level: Logger.Level, sink: LogSink = .standardOutput,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        logLevel = level
        self.sink = sink
        self.metadataProvider = metadataProvider
        var text = JSONText()
        text.append(raw: #","process":"#)
        text.append(string: role)
        text.append(raw: #","name":"#)
        text.append(string: name)
        text.append(raw: #","source":"#)
        text.append(string: label)
        identity = text.bytes
    }

    /// One item of the logger's metadata.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the line; never throws, see ``LogSink``.
    package func log(event: LogEvent) {
        var text = JSONText()
        text.append(raw: #"{"time":""#)
        text.append(time: .now())
        text.append(raw: #"","level":""#)
        text.append(ascii: event.level.rawValue)
        text.append(raw: #"","message":"#)
        text.append(string: SecretScrubber.scrub(event.message.description))
        text.append(raw: identity)
        LogFields(metadata(of: event)).append(to: &text)
        text.append(raw: "}\n")
        sink.write(text.bytes)
    }

    /// The logger's own metadata, overridden by the context's, overridden by the statement's.
    private func metadata(of event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get(), !provided.isEmpty { all.merge(provided) { $1 } }
        if let own = event.metadata { all = all.isEmpty ? own : all.merging(own) { $1 } }
        if let error = event.error {
            if all["error"] == nil { all["error"] = .string("\(error)") }
            if all["error_type"] == nil { all["error_type"] = .string(String(reflecting: type(of: error))) }
        }
        return all
    }
}
