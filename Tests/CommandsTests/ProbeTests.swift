import FleetSettings
import PrivateStack
import Testing

@testable import Commands

/// `mixmyai probe` and the settings that commands share with the processes.
struct ProbeTests {
    private func fleet(
        _ process: [String: String], settings: [String: String] = [:], file: [String: String] = [:],
        prefersFile: Bool = false
    ) -> FleetEnvironment {
        FleetEnvironment(
            process: process, settings: settings.mapValues { SettingsFile.Value(text: $0, origin: "/run/mixmyai") },
            file: file, state: StateDirectory("/s"), prefersFile: prefersFile)
    }

    @Test func theProbesAreWhereTheSettingsSay() throws {
        #expect("\(try ProbeTarget(port: 7, fleet([:])))" == "127.0.0.1:7")
        #expect("\(try ProbeTarget(port: nil, fleet(["MIXMYAI_PROBE_PORT": "9100"])))" == "127.0.0.1:9100")
        // Who listens on every address is asked on the loopback.
        for (host, place) in [
            ("0.0.0.0", "127.0.0.1:9100"), ("::", "[::1]:9100"), ("10.0.0.7", "10.0.0.7:9100"),
            ("fd00::7", "[fd00::7]:9100"),
        ] {
            let fleet = fleet(["MIXMYAI_PROBE_HOST": host], settings: ["MIXMYAI_PROBE_PORT": "9100"])
            #expect("\(try ProbeTarget(port: nil, fleet))" == place)
        }
    }

    @Test func aPortThatIsNotKnownIsAskedFor() {
        // With 0 the process has taken any.
        for text in [nil, "", "0", "65536", "x"] {
            let error = #expect(throws: CommandError.self) {
                try ProbeTarget(port: nil, fleet(text.map { ["MIXMYAI_PROBE_PORT": $0] } ?? [:]))
            }
            #expect(error?.exit == .usage)
            #expect(error?.message.contains("MIXMYAI_PROBE_PORT") == true)
        }
    }

    @Test func theSettingsFileIsBelowTheEnvironmentAndAboveThePrivateFleet() {
        let settings = ["DATABASE_URL": "settings", "AMQP_URL": "settings", "REDIS_URL": "settings"]
        let file = ["AMQP_URL": "fleet", "REDIS_URL": "fleet", "MIXMYAI_API_URL": "fleet"]
        let usual = fleet(["REDIS_URL": "mine"], settings: settings, file: file)
        #expect(usual["DATABASE_URL"] == "settings")
        #expect(usual["AMQP_URL"] == "settings")
        #expect(usual["REDIS_URL"] == "mine")
        #expect(usual["MIXMYAI_API_URL"] == "fleet")
        #expect(usual.origin(of: "AMQP_URL") == "/run/mixmyai")
        #expect(usual.origin(of: "REDIS_URL") == "environment")
        #expect(usual.origin(of: "MIXMYAI_API_URL") == "/s/env")

        let named = fleet(["REDIS_URL": "mine"], settings: settings, file: file, prefersFile: true)
        #expect(named["AMQP_URL"] == "fleet")
        #expect(named["REDIS_URL"] == "fleet")
        #expect(named["DATABASE_URL"] == "settings")
    }

    @Test func anAdministratorsKeyIsLongEnough() throws {
        let key = "mxa_" + String(repeating: "0a", count: 16)
        #expect(try MigrateCommand.adminKey(fleet([:], settings: ["MIXMYAI_API_KEY": key])) == key)
        for bad in [nil, "", "mxa_short", String(repeating: "x", count: 40), String(key.dropLast())] {
            #expect(throws: CommandError.self) {
                try MigrateCommand.adminKey(fleet(bad.map { ["MIXMYAI_API_KEY": $0] } ?? [:]))
            }
        }
    }
}
