import FoundationEssentials
import Glibc
import Testing

@testable import PrivateStack

struct StateDirectoryTests {
    @Test func relativePathsBecomeAbsolute() {
        #expect(StateDirectory("/a/./b/../c").path == "/a/c")
        #expect(StateDirectory("x").path.hasSuffix("/x"))
        #expect(StateDirectory("x").path.hasPrefix("/"))
    }

    @Test func purgeRefusesADirectoryWithoutOurMarker() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write("mine", to: folder + "/env", mode: 0o600)
            await #expect(throws: PrivateStackError.self) {
                try await StackControl(StateDirectory(folder)).down(purge: true)
            }
            #expect(try PrivateFile.read(folder + "/env") != nil)
        }
    }

    @Test func startRefusesToMixWithForeignFiles() async throws {
        try await withTemporaryFolder { folder in
            try PrivateFile.write("mine", to: folder + "/log", mode: 0o600)
            let error = #expect(throws: PrivateStackError.self) { try StateDirectory(folder).create() }
            #expect(error?.code == .foreignDirectory)
        }
    }

    @Test func purgeKeepsForeignFilesBesideOurs() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            try PrivateFile.write("mine", to: folder + "/notes", mode: 0o600)
            _ = try Credentials.loadOrCreate(in: state)
            try await StackControl(state).down(purge: true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes"])
        }
    }

    @Test func credentialsAreMadeOnceAndPrivate() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            let first = try Credentials.loadOrCreate(in: state)
            #expect(try Credentials.loadOrCreate(in: state) == first)
            #expect(first.apiKey.hasPrefix("mxa_"))
            #expect(fileMode(state.credentials) == 0o600)
        }
    }

    @Test func onlyOneSupervisorGetsTheLock() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            let lock = try StackLock(state)
            let error = #expect(throws: PrivateStackError.self) { try StackLock(state) }
            #expect(error?.code == .alreadyRunning)
            withExtendedLifetime(lock) {}
        }
    }
}
