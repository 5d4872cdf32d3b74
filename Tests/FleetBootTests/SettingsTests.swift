import FoundationEssentials
import Testing

@testable import FleetBoot

/// Settings of a process: the environment over what `MIXMYAI_CONFIG` names.
struct SettingsTests: ~Copyable {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/boot-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try Data("file".utf8).write(to: URL(filePath: "\(folder)/DATABASE_URL"))
        try Data("9\n".utf8).write(to: URL(filePath: "\(folder)/MIXMYAI_WORKER_SLOTS"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test func theEnvironmentGoesBeforeTheFolder() throws {
        let settings = try Settings(environment: [
            "MIXMYAI_CONFIG": folder, "DATABASE_URL": "environment", "REDIS_URL": "", "PATH": "/bin",
        ])
        #expect(settings.text("DATABASE_URL") == "environment")
        #expect(settings.text("REDIS_URL") == nil)
        #expect(try settings.number("MIXMYAI_WORKER_SLOTS", default: 1, in: 1...20) == 9)
    }

    @Test func aNumberOutOfRangeNamesItsFile() throws {
        let settings = try Settings(environment: ["MIXMYAI_CONFIG": folder])
        let error = #expect(throws: BootError.self) {
            try settings.number("MIXMYAI_WORKER_SLOTS", default: 1, in: 1...8)
        }
        #expect(error?.message.contains("\(folder)/MIXMYAI_WORKER_SLOTS) is '9', too large") == true)
    }

    @Test func aNameThatIsNoSettingKeepsTheProcessFromStarting() {
        for environment in [["MIXMYAI_WORKER_SLOT": "3"], ["MIXMYAI_CONFIG": "/nowhere/settings"]] {
            let error = #expect(throws: BootError.self) { try Settings(environment: environment) }
            #expect(error?.code == .setting)
        }
    }
}
