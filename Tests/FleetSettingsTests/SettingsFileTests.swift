import FoundationEssentials
import Testing

@testable import FleetSettings

/// A settings file, or a folder of them, as `MIXMYAI_CONFIG` names it.
struct SettingsFileTests: ~Copyable {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/settings-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private func problem(_ overridden: Set<String> = [], in name: String? = nil) -> String? {
        do throws(SettingsProblem) {
            _ = try SettingsFile(path: name.map { "\(folder)/\($0)" } ?? folder, overridden: overridden)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aDocumentIsOneMapping() throws {
        try write("DATABASE_URL: postgres://a\nMIXMYAI_WORKER_SLOTS: 8\n", "settings.yaml")
        let values = try SettingsFile(path: "\(folder)/settings.yaml").values
        #expect(values.mapValues(\.text) == ["DATABASE_URL": "postgres://a", "MIXMYAI_WORKER_SLOTS": "8"])
        #expect(values["DATABASE_URL"]?.origin == "\(folder)/settings.yaml")
    }

    @Test func aDocumentThatMeansSomethingElseIsRefused() throws {
        for (text, part) in [
            ("DATABASE_ULR: x", "did you mean DATABASE_URL"), ("DATABASE_URL:", "has no value"),
            ("- DATABASE_URL", "must be a mapping"), ("DATABASE_URL: [a]", "is a list or a mapping"),
            ("MIXMYAI_WORKER_SLOTS: 0x10", "put a text in quotes"), ("a: b: c", "is not YAML"),
        ] {
            try write(text, "bad.yaml")
            #expect(problem(in: "bad.yaml")?.contains(part) == true, "\(text)")
        }
        #expect(problem(in: "none.yaml")?.contains("does not exist") == true)
    }

    @Test func aFolderHasAFilePerSetting() throws {
        try write("postgres://a\n", "DATABASE_URL")
        try write("\u{FEFF}key\r\n", "OPENAI_API_KEY")
        // A secret that an engine mounts has to be there, also where there is no account.
        try write("", "ANTHROPIC_API_KEY")
        try write(" \n", "REDIS_URL")
        // As Kubernetes mounts them.
        try FileManager.default.createDirectory(atPath: "\(folder)/..data", withIntermediateDirectories: false)
        let values = try SettingsFile(path: folder).values
        #expect(values.mapValues(\.text) == ["DATABASE_URL": "postgres://a", "OPENAI_API_KEY": "key"])
        #expect(values["DATABASE_URL"]?.origin == "\(folder)/DATABASE_URL")
    }

    @Test func aFileOfTheFolderThatCannotBeMeantIsRefusedWithoutItsValue() throws {
        try write("first-secret\nsecond-secret\n", "OPENAI_API_KEY")
        let text = try #require(problem())
        #expect(text.contains("OPENAI_API_KEY") && text.contains("more than one line"))
        #expect(!text.contains("secret"))
        #expect(problem(["OPENAI_API_KEY"]) == nil, "the environment has it: the file is not looked at")

        try write("", "openai_api_key")
        let other = problem(["OPENAI_API_KEY"])
        #expect(other?.contains("openai_api_key (\(folder)/openai_api_key) is not a setting") == true)
    }

    @Test func aFolderInPlaceOfAValueIsRefused() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/AMQP_URL", withIntermediateDirectories: false)
        #expect(problem()?.contains("AMQP_URL") == true)
    }

    @Test func theNearestNameIsNamed() {
        #expect(
            SettingNames.complaint(about: "MIXMYAI_WORKER_SLOT", in: "environment").contains("MIXMYAI_WORKER_SLOTS"))
    }
}
