import ArgumentParser
import FleetCore
import JSON
import Testing

@testable import Commands

struct LimitTests {
    @Test func whatIsNotNamedKeepsItsValue() {
        var limits = RateLimits.specified(for: "openai")
        LimitChange(requests: LimitValue(number: 7), tokens: LimitValue(number: nil)).apply(to: &limits)
        #expect(limits == RateLimits(requests: 7, tokens: nil, concurrency: 100))
        #expect(LimitChange().isEmpty)
        #expect(!LimitChange(concurrency: LimitValue(number: nil)).isEmpty)
    }

    @Test func limitsAreWholeNumbersAboveZeroOrNone() throws {
        #expect(try LimitValue(argument: "none") == LimitValue(number: nil))
        #expect(try LimitValue(argument: "2147483647").number == 2_147_483_647)
        for text in ["0", "-1", "1.5", "2147483648", "None", "1k"] {
            let error = #expect(throws: (any Error).self) {
                try MixMyAI.parseAsRoot(["limit", "set", "openai", "--rpm=\(text)"])
            }
            let message = error.map { MixMyAI.message(for: $0) } ?? ""
            #expect(message.contains("--rpm") && message.contains("a whole number from 1"), "\(message)")
        }
    }

    @Test func defaultsAndSettingsAreToldApart() {
        let setting = LimitSetting(provider: "openai", limitClass: "*", limits: RateLimits(requests: 5))
        #expect(
            LimitView(setting, source: .default).json.serialized()
                == #"{"provider":"openai","class":"*","requests_per_minute":5,"tokens_per_minute":null,"#
                + #""input_tokens_per_minute":null,"output_tokens_per_minute":null,"concurrency":null,"#
                + #""source":"default"}"#
        )
    }
}
