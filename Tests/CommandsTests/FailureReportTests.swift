import ArgumentParser
import FleetStore
import Testing

@testable import Commands

struct FailureReportTests {
    private func outcome(_ arguments: [String]) -> FailureReport? {
        do {
            // Help is a command of its own, and what it prints is what it throws.
            var command = try MixMyAI.parseAsRoot(arguments)
            if !(command is any AsyncParsableCommand) { try command.run() }
            return nil
        } catch {
            return FailureReport(error)
        }
    }

    @Test(arguments: [
        ["nonsense"], ["up", "--workers", "x"], ["up", "--workers", "-1"], ["up", "--provider", "other"],
        ["limit", "set", "openai"], ["limit", "set", "other", "--rpm", "1"], ["limit", "set", "openai", "--rpm", "0"],
        ["limit", "set", "openai", "--rpm", "2147483648"], ["limit", "set", "openai/", "--rpm", "1"],
        ["servers", "--state-dir", "/s"], ["task", "list", "--limit", "101"], ["task", "revise", "task_1"],
        ["worker", "scale", "257"], ["version", "-o", "yaml"],
    ])
    func usageErrorsExitWithTwo(arguments: [String]) throws {
        let report = try #require(outcome(arguments))
        #expect(report.exit == 2)
        #expect(!report.isData)
        #expect(!report.message.isEmpty)
    }

    @Test func helpAndVersionAreDataAndSucceed() throws {
        for arguments in [["--help"], ["task", "submit", "--help"], ["--version"]] {
            let report = try #require(outcome(arguments))
            #expect(report.exit == 0)
            #expect(report.isData)
        }
    }

    @Test func commandErrorsKeepTheirStatus() {
        #expect(FailureReport(CommandError(.notFound, "gone")).exit == 5)
        #expect(FailureReport(CommandError(.notFound, "gone")).message == "error: gone")
        #expect(FailureReport(CancellationError()).exit == 130)
        #expect(FailureReport(StoreError(.schemaMissing, "none")).exit == 1)
    }

    @Test func aBareExitStatusSaysNothing() {
        let report = FailureReport(CommandExit.partial.code)
        #expect(report.exit == 3)
        #expect(report.message.isEmpty)
    }

    @Test(arguments: [
        (400, CommandExit.usage), (401, .notAllowed), (403, .notAllowed), (404, .notFound), (409, .conflict),
        (500, .failed), (503, .failed), (504, .timedOut),
    ])
    func refusalsOfTheGatewayHaveTheirOwnStatus(status: Int, exit: CommandExit) {
        let error = GatewayAPI.refusal(status, [])
        #expect(error.exit == exit)
        #expect(error.message == "the gateway answered \(status)")
    }

    @Test func aRefusalNamesTheFields() {
        let body =
            #"{"error":"ValidationError","message":"Invalid\u001b[2Jquery","details":{"limit":"too large","n":3}}"#
        let error = GatewayAPI.refusal(400, Array(body.utf8))
        #expect(error.message == "Invalid\u{FFFD}[2Jquery (limit: too large; n: 3)")
        #expect(!error.isRetriable)
        #expect(GatewayAPI.refusal(503, []).isRetriable)
    }
}
