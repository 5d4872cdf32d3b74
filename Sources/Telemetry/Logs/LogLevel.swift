package import Logging

/// Reads the log level from a setting.
package enum LogLevel {
    /// The environment variable that sets the level of every process.
    package static let variable = "MIXMYAI_LOG_LEVEL"
    /// The level when nothing is set.
    package static let standard = Logger.Level.info

    /// The level the environment asks for; unset or empty: ``standard``.
    ///
    /// - Throws: `invalidLogLevel`, naming the variable, its value and what is allowed.
    package static func read(from environment: [String: String]) throws(TelemetryError) -> Logger.Level {
        guard let text = environment[variable], !text.isEmpty else { return standard }
        return try parse(text, origin: "environment variable \(variable)")
    }

    /// A level by its name, in upper or lower case.
    ///
    /// - Parameter origin: where the text was set, for the error.
    /// - Throws: `invalidLogLevel`, naming the origin, the text and what is allowed.
    package static func parse(_ text: String, origin: String) throws(TelemetryError) -> Logger.Level {
        if let level = Logger.Level(text) { return level }
        let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw TelemetryError(.invalidLogLevel, "\(origin) is \"\(text.prefix(40))\", allowed are \(allowed)")
    }
}
