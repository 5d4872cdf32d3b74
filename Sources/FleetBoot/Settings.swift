import Catalogues

/// A process's settings: environment variables over an optional YAML file named by `MIXMYAI_CONFIG`.
///
/// The file is one mapping with the same names as the variables. An unknown name in the file, or an unknown variable
/// that begins with `MIXMYAI_`, is an error: a misspelt setting never goes unnoticed.
package struct Settings: Sendable {
    /// Every setting of every process, so that all can share one environment.
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
    /// - `MIXMYAI_CONFIG`, `MIXMYAI_STATE_DIR`, `MIXMYAI_API_URL`, `MIXMYAI_API_KEY`: read by others, allowed here.
    package static let known: Set<String> = [
        "DATABASE_URL", "AMQP_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL", "MIXMYAI_AGENTS", "MIXMYAI_MODELS", "MIXMYAI_WORKER_TYPES", "MIXMYAI_WORKER_SLOTS",
        "MIXMYAI_WORKER_NAME", "MIXMYAI_HOST", "MIXMYAI_PORT", "MIXMYAI_PROBE_HOST", "MIXMYAI_PROBE_PORT",
        "MIXMYAI_DRAIN_SECONDS", "MIXMYAI_DATABASE_CONNECTIONS", "MIXMYAI_DATABASE_POOLER",
        "MIXMYAI_DIRECT_DATABASE_URL", "MIXMYAI_LOG_LEVEL", "MIXMYAI_CONFIG",
        "MIXMYAI_STATE_DIR", "MIXMYAI_API_URL", "MIXMYAI_API_KEY",
    ]

    private struct Value {
        var text: String
        var origin: String
    }

    private var values: [String: Value] = [:]

    /// Reads the environment and the file it names.
    package init(environment: [String: String]) throws(BootError) {
        for (name, text) in environment {
            if Self.known.contains(name) {
                // An empty variable is an unset one.
                if !text.isEmpty { values[name] = Value(text: text, origin: "environment") }
            } else if name.hasPrefix("MIXMYAI_") {
                throw BootError(
                    .setting, "\(name) (environment) is not a setting; did you mean \(Self.nearest(to: name))?")
            }
        }
        if let path = values["MIXMYAI_CONFIG"]?.text { try readFile(path) }
    }

    private mutating func readFile(_ path: String) throws(BootError) {
        let document: YAMLNode?
        do {
            document = try YAMLDocument.parse(try TextFile.read(path))
        } catch let problem as TextFileProblem {
            throw BootError(.setting, "MIXMYAI_CONFIG: \(path) \(problem.text)")
        } catch {
            throw BootError(.setting, "MIXMYAI_CONFIG: \(path) is not YAML: \(error)")
        }
        // A file of comments sets nothing.
        guard let document else { return }
        guard let members = document.members else {
            throw BootError(.setting, "MIXMYAI_CONFIG: \(path) must be a mapping of setting names to values")
        }
        for member in members {
            let place = "\(path):\(member.line)"
            guard Self.known.contains(member.key) else {
                throw BootError(
                    .setting, "\(member.key) (\(place)) is not a setting; did you mean \(Self.nearest(to: member.key))?"
                )
            }
            if values[member.key] != nil { continue }
            guard let text = member.value.raw else {
                throw BootError(
                    .setting,
                    "\(member.key) (\(place)) is a list or a mapping: allowed is one value; several names are "
                        + "separated by commas")
            }
            guard !member.value.isNull, !text.isEmpty else {
                throw BootError(.setting, "\(member.key) (\(place)) has no value: give it one, or take the line out")
            }
            if let trap = member.value.numberTrap {
                throw BootError(
                    .setting,
                    "\(member.key) (\(place)) is \(trap): put a text in quotes, write a number in plain digits")
            }
            values[member.key] = Value(text: text, origin: path)
        }
    }

    /// The text of a setting; nil if it is not set.
    package func text(_ name: String) -> String? { values[name]?.text }

    /// A setting that has to be there.
    ///
    /// - Parameter hint: what to set it to.
    package func required(_ name: String, hint: String) throws(BootError) -> String {
        guard let text = text(name) else { throw BootError(.setting, "\(name) is not set: \(hint)") }
        return text
    }

    /// A whole number in a range.
    package func number(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(BootError) -> Int {
        guard let value = values[name] else { return fallback }
        guard let number = Int(value.text), range.contains(number) else {
            let digits = value.text.drop { $0 == "-" || $0 == "+" }
            let isWhole = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
            let fault =
                !isWhole
                ? "no whole number"
                : value.text.hasPrefix("-") || Int(value.text) ?? .max < range.lowerBound
                    ? "too small" : "too large"
            throw BootError(
                .setting,
                "\(name) (\(value.origin)) is '\(value.text.prefix(40))', \(fault): allowed are whole numbers from "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of a few words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(BootError) -> Choice {
        guard let value = values[name] else { return fallback }
        guard let choice = Choice(rawValue: value.text) else {
            throw BootError(
                .setting,
                "\(name) (\(value.origin)) is '\(value.text.prefix(40))': allowed are "
                    + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// Comma-separated names; nil if it is not set.
    package func list(_ name: String) -> [String]? {
        text(name).map { text in
            text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) }.map {
                String($0.reversed().drop(while: \.isWhitespace).reversed())
            }.filter { !$0.isEmpty }
        }
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
