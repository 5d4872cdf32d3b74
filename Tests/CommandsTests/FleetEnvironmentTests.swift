import PrivateStack
import Testing

@testable import Commands

struct FleetEnvironmentTests {
    private let state = StateDirectory("/nowhere/.fleet")

    private func fleet(
        _ process: [String: String], _ file: [String: String], prefersFile: Bool = false
    ) -> FleetEnvironment {
        FleetEnvironment(process: process, file: file, state: state, prefersFile: prefersFile)
    }

    @Test func exportsAreReadAsAShellReadsThem() {
        let text = """
            # comment
            export PLAIN=http://127.0.0.1:80/a?b=c
            export QUOTED='it'\\''s = "so"'
              export DOUBLE="a \\"b\\" $x"
            export EMPTY=
            export TRAILING=x   # comment
            NOT_EXPORTED=1
            """
        #expect(
            ShellExports.parse(text) == [
                "PLAIN": "http://127.0.0.1:80/a?b=c", "QUOTED": #"it's = "so""#, "DOUBLE": #"a "b" $x"#, "EMPTY": "",
                "TRAILING": "x",
            ])
    }

    @Test func theEnvironmentGoesBeforeTheFile() {
        let fleet = fleet(["DATABASE_URL": "mine", "REDIS_URL": ""], ["DATABASE_URL": "file", "REDIS_URL": "file"])
        #expect(fleet["DATABASE_URL"] == "mine")
        #expect(fleet["REDIS_URL"] == "file")
        #expect(fleet.origin(of: "DATABASE_URL") == "environment")
        #expect(fleet.origin(of: "REDIS_URL") == "/nowhere/.fleet/env")
    }

    @Test func aNamedStateDirectoryGoesBeforeTheEnvironment() {
        let fleet = fleet(["DATABASE_URL": "mine", "AMQP_URL": "mine"], ["DATABASE_URL": "file"], prefersFile: true)
        #expect(fleet["DATABASE_URL"] == "file")
        #expect(fleet["AMQP_URL"] == "mine")
    }

    @Test func aMissingSettingSaysWhatToDo() {
        let error = #expect(throws: CommandError.self) { try fleet([:], [:]).required("MIXMYAI_API_URL") }
        #expect(error?.exit == .failed)
        #expect(error?.message.contains("mixmyai up") == true)
        #expect(error?.message.contains("MIXMYAI_API_URL") == true)
        #expect(throws: CommandError.self) { try fleet([:], ["A": "b"]).required("DATABASE_URL") }
    }

    @Test func managementCredentialsLeaveTheURL() throws {
        let address = try ManagementAddress("http://user:p%40ss@127.0.0.1:15672/")
        #expect(address.url == "http://127.0.0.1:15672")
        #expect(address.authorization == "Basic dXNlcjpwQHNz")
        #expect(try ManagementAddress("http://h:1/path").authorization == nil)
        #expect(throws: CommandError.self) { try ManagementAddress("nothing") }
    }

    @Test func queriesAreEncoded() {
        #expect(PercentEncoding.query([("a", "x y/ü"), ("b", nil), ("c", "1")]) == "?a=x%20y%2F%C3%BC&c=1")
        #expect(PercentEncoding.query([("a", nil)]) == "")
        #expect(PercentEncoding.component("../\n") == "..%2F%0A")
        #expect(PercentEncoding.decoded("a%2Fb%zz%") == Array("a/b%zz%".utf8))
    }
}
