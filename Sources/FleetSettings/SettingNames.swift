/// Every setting of every process, so that all can share one environment and one file.
///
/// ## Configuration keys
/// - `DATABASE_URL`, `AMQP_URL`, `REDIS_URL`: the three servers.
/// - `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL`: the providers.
/// - `MIXMYAI_AGENTS`, `MIXMYAI_MODELS`: paths of the catalogues.
/// - `MIXMYAI_WORKER_TYPES` (comma-separated, default all), `MIXMYAI_WORKER_SLOTS` (1...20000, default 256),
///   `MIXMYAI_WORKER_NAME`: workers.
/// - `MIXMYAI_HOST` (default 127.0.0.1), `MIXMYAI_PORT` (default 8080): the gateway's API.
/// - `MIXMYAI_PROBE_HOST` (default 127.0.0.1), `MIXMYAI_PROBE_PORT` (default 0: any free one): probes and metrics.
/// - `MIXMYAI_DRAIN_SECONDS` (0...3600, default 20): time for work in flight at shutdown.
/// - `MIXMYAI_DATABASE_CONNECTIONS` (1...100; default 8 for a gateway, 6 for a scheduler, 4 for a worker).
/// - `MIXMYAI_DATABASE_POOLER`: none (default), session or transaction: what is between us and PostgreSQL.
/// - `MIXMYAI_DIRECT_DATABASE_URL`: the server itself, for `mixmyai migrate` where the pooler is in transaction mode.
/// - `MIXMYAI_LOG_LEVEL`: trace, debug, info, notice, warning, error or critical.
/// - `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`,
///   `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`: traces, as
///   OpenTelemetry has them; without an endpoint there are none.
/// - `MIXMYAI_CONFIG`: a ``SettingsFile``.
/// - `MIXMYAI_STATE_DIR`, `MIXMYAI_API_URL`, `MIXMYAI_API_KEY`: read by `mixmyai`, allowed everywhere.
package enum SettingNames {
    package static let known = Set<String>([
        "DATABASE_URL", "AMQP_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL", "MIXMYAI_AGENTS", "MIXMYAI_MODELS", "MIXMYAI_WORKER_TYPES", "MIXMYAI_WORKER_SLOTS",
        "MIXMYAI_WORKER_NAME", "MIXMYAI_HOST", "MIXMYAI_PORT", "MIXMYAI_PROBE_HOST", "MIXMYAI_PROBE_PORT",
        "MIXMYAI_DRAIN_SECONDS", "MIXMYAI_DATABASE_CONNECTIONS", "MIXMYAI_DATABASE_POOLER",
        "MIXMYAI_DIRECT_DATABASE_URL", "MIXMYAI_LOG_LEVEL", "MIXMYAI_CONFIG",
        "MIXMYAI_STATE_DIR", "MIXMYAI_API_URL", "MIXMYAI_API_KEY",
    ]).union(ofTraces)

    /// Other programs on the machine may be set up by the same ones.
    package static let ofTraces: Set<String> = [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES",
    ]

    /// What is wrong with a name that is no setting.
    ///
    /// - Parameter origin: where the name stands.
    package static func complaint(about name: String, in origin: String) -> String {
        "\(name) (\(origin)) is not a setting; did you mean \(nearest(to: name))?"
    }

    /// The known name with the fewest differing letters.
    static func nearest(to name: String) -> String {
        known.sorted().min { distance($0, name) < distance($1, name) } ?? "DATABASE_URL"
    }

    /// Levenshtein's edit distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                (previous, row[j + 1]) = (
                    row[j + 1], min(row[j + 1] + 1, row[j] + 1, previous + (character == other ? 0 : 1))
                )
            }
        }
        return row[right.count]
    }
}
