import PrivateStack
import Testing

@testable import Commands

struct DoctorTests {
    @Test(arguments: [
        ("15.20", 13, 0, true), ("13beta1", 13, 0, true), ("12.22", 13, 0, false), ("3.10.8", 3, 8, true),
        ("3.7.9", 3, 8, false), ("unknown", 1, 0, false),
    ])
    func versionsCompareAsNumbers(version: String, major: Int, minor: Int, expected: Bool) {
        #expect(ServerCheck.isAtLeast(version, major, minor) == expected)
    }

    @Test func aProviderNeedsAKeyOrAServerOfOnesOwn() {
        func finding(_ values: [String: String]) -> Finding {
            KeyCheck(
                FleetEnvironment(process: values, file: [:], state: StateDirectory("/s"), prefersFile: false)
            ).finding
        }
        #expect(!finding([:]).isFine)
        #expect(!finding(["OPENAI_BASE_URL": "https://api.openai.com/v1"]).isFine)
        #expect(finding(["OPENAI_BASE_URL": "http://127.0.0.1:1/v1"]).isFine)
        #expect(finding(["OPENAI_BASE_URL": "https://models.example/v1"]).isFine)
        let secret = finding(["OPENAI_BASE_URL": "https://me:word@models.example/v1?key=word"])
        #expect(secret.isFine && !secret.detail.contains("word"))
        let withKey = finding(["ANTHROPIC_API_KEY": "the secret"])
        #expect(withKey.isFine)
        #expect(!withKey.detail.contains("the secret"))
    }

    @Test func theDiskIsLookedAtEvenBeforeTheDirectoryExists() {
        let findings = MachineCheck(state: StateDirectory("/tmp/not/there/yet"), environment: [:]).findings
        #expect(findings.map(\.name) == ["files", "disk", "file limit"])
        #expect(findings[1].detail.contains("/tmp"))
    }
}
