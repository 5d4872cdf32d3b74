import Logging
import Testing

@testable import Telemetry

struct LogLevelTests {
    @Test(arguments: Logger.Level.allCases)
    func everyLevelIsReadByName(level: Logger.Level) throws {
        #expect(try LogLevel.read(from: ["MIXMYAI_LOG_LEVEL": level.rawValue]) == level)
        #expect(try LogLevel.read(from: ["MIXMYAI_LOG_LEVEL": level.rawValue.uppercased()]) == level)
    }

    @Test func unsetAndEmptyMeanInfo() throws {
        #expect(try LogLevel.read(from: [:]) == .info)
        #expect(try LogLevel.read(from: ["MIXMYAI_LOG_LEVEL": ""]) == .info)
    }

    @Test(arguments: ["verbose", "warn", " info", "1"])
    func wrongLevelNamesSettingValueAndWhatIsAllowed(text: String) throws {
        let error = try #require(throws: TelemetryError.self) {
            try LogLevel.read(from: ["MIXMYAI_LOG_LEVEL": text])
        }
        #expect(error.code == .invalidLogLevel)
        let allowed = "trace, debug, info, notice, warning, error, critical"
        #expect(
            error.description
                == "invalid_log_level: environment variable MIXMYAI_LOG_LEVEL is \"\(text)\", allowed are \(allowed)")
    }
}
