import FleetCore
import JSON
import TestServers
import Testing

@testable import Commands

/// A receipt on a terminal of 80 columns.
@Suite struct ReceiptViewTests {
    private static let receipt = """
        {"task_id":"task_1","title":"Market trends","status":"completed","calls":3,
         "tokens":{"input":3000,"cache_read":200,"cache_write":0,"output":500,"reasoning":70},
         "cost_usd":"0.003820","cost_expected_usd":"0.007820","cost_at_most_usd":"0.513820",
         "steps":[
          {"step_id":1,"kind":"task_analysis","agent_type":"manager","state":"succeeded","subtask":null,"version":null,
           "again":null,"cost_usd":"0.003820","attempts":[
            {"attempt":1,"calls":[{"call":0,"after":null,"purpose":"work","model":"unknown","outcome":"lost",
              "cost_usd":null,"estimate_usd":"0.002000","hold_usd":"0.500000","tokens":null,"estimated_tokens":null,
              "price_id":null,"cuts":null}]},
            {"attempt":2,"calls":[
             {"call":1,"after":"lost","purpose":"work","model":"gpt-6.1-sol","outcome":"invalid_answer","duration_ms":1290,
              "cost_usd":"0.001820","estimate_usd":null,"hold_usd":null,
              "tokens":{"input":1000,"cache_read":200,"cache_write":0,"output":100,"reasoning":70},"estimated_tokens":null,
              "price_id":"gpt-6.1-sol/2026-09-29/272000/default",
              "cuts":[{"what":"context","kept":120,"of":530,"unit":"tokens"},{"note":"x"}]},
             {"call":2,"after":"invalid_answer","purpose":"repair","model":"gpt-6.1-sol","outcome":"succeeded",
              "duration_ms":900,"cost_usd":"0.002000","estimate_usd":null,"hold_usd":null,
              "tokens":{"input":1000,"cache_read":0,"cache_write":0,"output":100,"reasoning":null},
              "estimated_tokens":null,"price_id":"gpt-6.1-sol/2026-09-29/272000/default","cuts":null}]}]},
          {"step_id":2,"kind":"subtask_execution","agent_type":"financial_analyst","state":"running",
           "subtask":{"key":"s1","title":"A title that goes on for longer than a line of any receipt should be allowed to"},
           "version":2,"again":"needs_revision","cost_usd":"0.000000","attempts":[
            {"attempt":1,"calls":[
             {"call":0,"after":null,"purpose":"work","model":"unknown","outcome":"resolved","cost_usd":"0.000000",
              "estimate_usd":null,"hold_usd":null,"tokens":null,"estimated_tokens":null,"price_id":null,"cuts":null},
             {"call":1,"after":null,"purpose":"work","model":"claude-opus-5-5","outcome":"timed_out","duration_ms":120000,
              "cost_usd":null,"estimate_usd":"0.002000","hold_usd":"0.010000","tokens":null,
              "estimated_tokens":{"input":1234567,"cache_read":1000000,"cache_write":200000,"output":128000,"reasoning":null},
              "price_id":"claude-opus-5-5/2026-09-22/max/none","cuts":null}]}]}],
         "totals":{
          "by_kind":[{"name":"task_analysis","calls":2,"tokens":{"input":2000,"output":200},"cost_usd":"0.003820",
                      "cost_expected_usd":"0.005820","cost_at_most_usd":"0.503820"}],
          "by_model":[{"name":"a-model-with-a-name-of-some-length","calls":2,"tokens":{"input":2000,"output":200},
                       "cost_usd":"0.003820","cost_expected_usd":"0.005820","cost_at_most_usd":"0.503820"}],
          "by_purpose":[]},
         "lost":[{"step_id":1}],
         "differences":[
          {"step_id":1,"attempt":2,"call":2,"cost_usd":"0.002000","estimate_usd":null,"recomputed_usd":"0.002100"},
          {"step_id":2,"attempt":1,"call":1,"cost_usd":null,"estimate_usd":"0.002000","recomputed_usd":null}]}
        """

    @Test func aReceiptIsReadableIn80Columns() throws {
        let text = ReceiptView(try JSONValue(parsing: Self.receipt), style: TextStyle(isColored: false)).text
        #expect(
            text == """
                Market trends
                task       task_1
                status     completed
                proved     0.003820 USD
                expected   0.007820 USD
                at most    0.513820 USD
                calls      3, and 1 attempt lost with its worker
                reported   3000 tokens in (200 cache read),
                           500 tokens out (70 reasoning)

                KIND           CALLS    IN  OUT    PROVED  EXPECTED   AT MOST
                task_analysis      2  2000  200  0.003820  0.005820  0.503820

                MODEL                 CALLS    IN  OUT    PROVED  EXPECTED   AT MOST
                a-model-with-a-name…      2  2000  200  0.003820  0.005820  0.503820

                PURPOSE  CALLS  IN  OUT  PROVED  EXPECTED  AT MOST

                These costs are not what tokens and price make them:
                  step 1, call 2.2: 0.002000 written, 0.002100 by the price beside it
                  step 2, call 1.1: 0.002000 written, no price beside it

                1. task_analysis, manager                                               0.003820
                   1    lost with its worker, expected 0.002000, at most 0.500000
                   2.1  gpt-6.1-sol  invalid_answer after lost  1.2 s                   0.001820
                        1000 tokens in (200 cache read), 100 tokens out (70 reasoning)
                        price gpt-6.1-sol/2026-09-29/272000/default
                        cut: context, 120 of 530 tokens kept
                        cut: {"note":"x"}
                   2.2  gpt-6.1-sol  succeeded (repair) after invalid_answer  0.9 s     0.002000
                        1000 tokens in, 100 tokens out
                        price gpt-6.1-sol/2026-09-29/272000/default

                2. subtask_execution s1 "A title that goes on for longer than a line …  0.000000
                   again: the review asked for a revision
                   1    taken over from its worker, which came back and booked it
                   1.1  claude-opus-5-5  timed_out  120.0 s                            ~0.002000
                        estimated 1234567 tokens in (1000000 cache read, 200000 cache written),
                        128000 tokens out
                        price claude-opus-5-5/2026-09-22/max/none
                        not proved, at most 0.010000
                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func aTasksCostIsOneNumberOnlyIfAllOfItIsProved() throws {
        let console = Console(format: .text, color: .never, environment: [:])
        func lines(_ atMost: String) throws -> [Substring] {
            let task: JSONValue = [
                "task_id": "task_1", "cost_usd": "0.001000", "cost_expected_usd": "0.002000",
                "cost_at_most_usd": .string(atMost),
            ]
            return TaskView(task, console: console).text.split(separator: "\n")
        }
        #expect(try lines("0.001000").contains("cost       0.001000 USD"))
        #expect(try lines("0.500000").contains("cost       0.001000 USD proved, 0.002000 expected, at most 0.500000"))
    }

    /// Names come from files and models' answers.
    @Test func nothingInAReceiptReachesTheTerminalAsAControl() throws {
        let json = Self.receipt.replacing("Market trends", with: #"a\u001b[2J"#).replacing(
            "gpt-6.1-sol", with: #"b\u001b]0;x\u0007"#
        ).replacing("needs_revision", with: #"c\u009b"#).replacing("\"note\":\"x\"", with: #""note":"\u202e""#)
        let text = ReceiptView(try JSONValue(parsing: json), style: TextStyle(isColored: false)).text
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        #expect(!text.unicodeScalars.contains("\u{202E}"))
    }
}
