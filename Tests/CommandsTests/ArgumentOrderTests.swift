import ArgumentParser
import PrivateStack
import Testing

@testable import Commands

struct ArgumentOrderTests {
    private func order(_ line: String) -> String {
        ArgumentOrder.globalOptionsLast(line.split(separator: " ").map(String.init)).joined(separator: " ")
    }

    @Test func globalOptionsMoveBehindTheCommand() {
        #expect(order("--state-dir D -o json task list --limit 3") == "task list --limit 3 --state-dir D -o json")
        #expect(order("--color=never --no-input status") == "status --color=never --no-input")
        #expect(order("-ojson version") == "version -ojson")
        #expect(order("task -o jsonl list") == "task list -o jsonl")
    }

    @Test func nothingMovesBehindTheTerminator() {
        #expect(order("--state-dir D servers -- swift test -o x") == "servers --state-dir D -- swift test -o x")
        #expect(order("servers --state-dir D -- run --color always") == "servers --state-dir D -- run --color always")
    }

    @Test func otherArgumentsKeepTheirPlaces() {
        #expect(order("task submit - --wait") == "task submit - --wait")
        #expect(order("--help") == "--help")
        #expect(order("--wrong task list") == "--wrong task list")
        #expect(order("") == "")
    }

    @Test(arguments: [
        ("dlq replay --rate -1", "dlq replay --rate=-1"),
        ("limit set openai --rpm -2.5", "limit set openai --rpm=-2.5"),
        ("worker scale -1", "worker scale -- -1"), ("worker scale -3 -o json", "worker scale -o json -- -3"),
        ("servers -- run -1", "servers -- run -1"), ("task list -n", "task list -n"),
    ])
    func negativeNumbersAreNoOptions(line: String, expected: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(ArgumentOrder.numbersAttached(words).joined(separator: " ") == expected)
    }

    @Test func aNegativeCountIsSaidToBeOutOfRange() {
        let words = ArgumentOrder.globalOptionsLast(ArgumentOrder.numbersAttached(["worker", "scale", "-1"]))
        let error = #expect(throws: (any Error).self) { try MixMyAI.parseAsRoot(words) }
        #expect(error.map { MixMyAI.message(for: $0) } == "The number of workers must be 0 to 256.")
    }

    @Test func everyCommandTakesGlobalOptionsOnBothSides() throws {
        for line in [["--state-dir", "/s", "up"], ["up", "--state-dir", "/s"]] {
            let command = try MixMyAI.parseAsRoot(ArgumentOrder.globalOptionsLast(line))
            #expect((command as? UpCommand)?.global.state.path == "/s")
        }
        let arguments = ["-o", "json", "task", "get", "task_1"]
        let command = try MixMyAI.parseAsRoot(ArgumentOrder.globalOptionsLast(arguments))
        #expect((command as? TaskGetCommand)?.global.format == .json)
    }

    @Test func serversTakesItsCommandAfterTheTerminator() throws {
        let arguments = ["servers", "--state-dir", "/s", "--", "swift", "test", "--filter", "x", "-o", "y"]
        let command = try MixMyAI.parseAsRoot(ArgumentOrder.globalOptionsLast(arguments))
        #expect((command as? ServersCommand)?.command == ["swift", "test", "--filter", "x", "-o", "y"])
    }
}
