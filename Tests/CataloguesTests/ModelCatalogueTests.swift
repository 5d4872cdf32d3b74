import FleetCore
import Foundation
import RepositoryFixtures
import Testing

@testable import Catalogues
@testable import Providers

@Suite struct ModelCatalogueTests {
    private static let valid = """
        models:
          - name: gpt-6-luna
            provider: openai
            api: responses
            model_id: gpt-6-luna
            limit_class: gpt-6-luna
            max_input_tokens: 922000
            max_output_tokens: 128000
            temperature: 0.2
            effort: low
            tiers: {flex: "0.5", priority: 2}
            prices:
              - {effective_from: "2026-10-26", up_to_input_tokens: 272000, valid_until: "2027-10-25", input: "0.10", cache_read: "0.01", cache_write: "0.125", output: "0.50"}
              - {effective_from: "2026-10-26", input: 0.20, cache_read: "0.02", cache_write: "0.25", output: "0.75"}
          - name: local
            provider: openai
            api: chat_completions
            model_id: org/local:7b
            limit_class: local
            max_input_tokens: 8000
            max_output_tokens: 2000
            structured_output: false
            free: true
            prices:
              - {effective_from: 2026-01-01, input: "0", cache_read: "0", cache_write: "0", output: "0"}
        billing:
          - {provider: anthropic, failure: refused, before_output: true, billed: no, source: a page, date: "2026-11-22"}
          - {provider: openai, api: chat_completions, status: 408, billed: yes, source: a page, date: "2026-11-22"}

        """

    @Test func catalogueIsRead() throws {
        let catalogue = try ModelCatalogue.parse(Self.valid, file: "models.yaml")
        #expect(catalogue.models.map(\.name) == ["gpt-6-luna", "local"])
        let luna = try #require(catalogue["gpt-6-luna"])
        #expect(luna.api == .responses && luna.temperature == 0.2 && luna.effort == "low" && luna.supportsSchema)
        #expect(luna.prices.map(\.upToInputTokens) == [272_000, nil])
        #expect(luna.prices[1].input == Decimal6("0.20"))
        let local = try #require(catalogue["local"])
        #expect(!local.supportsSchema && local.api == .chatCompletions && local.temperature == nil)
        #expect(catalogue["other"] == nil)
        #expect(luna.tiers == ["flex": Decimal6(millionths: 500_000), "priority": Decimal6(millionths: 2_000_000)])
        #expect(luna.prices.map(\.validUntil) == ["2027-10-25", nil])
        #expect(luna.cacheMode == .explicit && local.cacheMode == .notSent)
        #expect(
            catalogue.billing.rules == [
                BillingRule(
                    provider: "anthropic", failure: .refused, isBeforeOutput: true, billed: .no, source: "a page",
                    date: "2026-11-22"),
                BillingRule(
                    provider: "openai", api: .chatCompletions, status: 408, billed: .yes, source: "a page",
                    date: "2026-11-22"),
            ])
    }

    @Test(arguments: ["implicit", "none"]) func aModelMayBeCachedOtherwise(mode: String) throws {
        let yaml = Self.valid.replacing("    effort: low\n", with: "    effort: low\n    cache_mode: \(mode)\n")
        #expect(try ModelCatalogue.parse(yaml, file: "models.yaml").models[0].cacheMode.rawValue == mode)
    }

    @Test func aServerMayTakeOtherParameters() throws {
        #expect(try ModelCatalogue.parse(Self.valid, file: "models.yaml").models[1].asksForUsage)
        let keys =
            "response_format: json_object\n    max_tokens_parameter: max_completion_tokens\n    stream_options: false"
        let yaml = Self.valid.replacing("structured_output: false", with: keys)
        let local = try ModelCatalogue.parse(yaml, file: "models.yaml").models[1]
        #expect(local.responseFormat == .jsonObject && !local.supportsSchema)
        #expect(local.tokenLimit == .maxCompletionTokens && !local.asksForUsage)
        let form = RequestForm(local, isDefaultHost: false)
        #expect(form.names == ["max_completion_tokens", "response_format", "json_object", "stream"])
    }

    /// The file that is delivered: every model has a price for the time it was checked in.
    @Test func theDeliveredCatalogueIsComplete() throws {
        let catalogue = try ModelCatalogue.load(path: RepositoryFiles.url("workers/agents/models.yaml").path)
        #expect(catalogue.models.count >= 13)
        for model in catalogue.models { #expect(model.hasPrice(on: "2026-11-22"), "\(model.name)") }
        let luna = try #require(catalogue["gpt-6-luna"])
        #expect(luna.cacheMode == .explicit && luna.factor(ofTier: "flex") == Decimal6("0.5"))
        let refusal = ModelFailure(.refused, status: 200, message: "x", mayHaveOutput: false)
        let opus = try #require(catalogue["claude-opus-5-5"])
        #expect(catalogue.billing.billed(refusal, by: opus) == .no)
        #expect(catalogue.billing.billed(refusal, by: luna) == .unknown)
    }

    @Test(arguments: [
        ("name: local", "name: gpt-6-luna", "name", "twice"),
        ("provider: openai", "provider: azure", "provider", "azure"),
        ("api: responses", "api: messages", "api", "messages"), ("    api: responses\n", "", "api", "missing"),
        ("effort: low", "effort: huge", "effort", "huge"),
        ("temperature: 0.2", "temperature: warm", "temperature", "warm"),
        ("temperature: 0.2", "temprature: 0.2", "temprature", "not known"),
        ("max_input_tokens: 922000", "max_input_tokens: 0", "max_input_tokens", "\"0\""),
        ("max_output_tokens: 128000", "max_output_tokens: many", "max_output_tokens", "many"),
        ("input: \"0.10\"", "input: \"-1\"", "prices[0].input", "-1"),
        ("output: \"0.50\"", "output: \"0.1234567\"", "prices[0].output", "0.1234567"),
        ("cache_read: \"0.01\", ", "", "prices[0].cache_read", "missing"),
        ("\"2026-10-26\", up", "\"2026-02-30\", up", "prices[0].effective_from", "2026-02-30"),
        ("\"2026-10-26\", up", "\"26.10.2026\", up", "prices[0].effective_from", "26.10.2026"),
        ("\"2026-10-26\", up", "\"2026-10-27\", up", "prices[1].effective_from", "before"),
        ("\"2026-10-26\", up", "\"2026-10-25\", up", "prices[1].up_to_input_tokens", "end at"),
        ("up_to_input_tokens: 272000, ", "", "prices[1].up_to_input_tokens", "not larger"),
        ("structured_output: false", "structured_output: maybe", "structured_output", "maybe"),
        ("structured_output: false", "response_format: xml", "response_format", "xml"),
        ("free: true", "response_format: json_schema", "structured_output", "contradicts"),
        ("free: true", "max_tokens_parameter: max_new_tokens", "max_tokens_parameter", "max_new_tokens"),
        ("free: true", "stream_options: maybe", "stream_options", "maybe"),
        ("effort: low", "stream_options: false", "stream_options", "chat_completions"),
        ("effort: low", "max_tokens_parameter: max_tokens", "max_tokens_parameter", "chat_completions"),
        ("    free: true\n", "", "prices", "all 0"), ("free: true", "free: maybe", "free", "maybe"),
        ("effort: low", "free: true", "free", "there are prices"),
        ("effort: low", "cache_mode: never", "cache_mode", "never"),
        ("free: true", "cache_mode: explicit", "cache_mode", "explicit"),
        ("{flex: \"0.5\", priority: 2}", "flex", "tiers", "no mapping"),
        ("flex: \"0.5\"", "flex: half", "tiers", "flex"), ("flex: \"0.5\"", "flex: 0", "tiers", "flex"),
        ("valid_until: \"2027-10-25\"", "valid_until: \"2026-10-25\"", "prices[0].valid_until", "before"),
        ("valid_until: \"2027-10-25\"", "valid_until: later", "prices[0].valid_until", "later"),
        ("billed: no", "billed: never", "billing[0].billed", "never"),
        ("failure: refused, ", "", "billing[0].failure", "missing"),
        ("failure: refused", "failure: tired", "billing[0].failure", "tired"),
        ("status: 408", "status: 4080", "billing[1].status", "no HTTP status"),
        ("source: a page, date", "date", "billing[0].source", "missing"),
        ("max_input_tokens: 922000", "max_input_tokens: 0922000", "max_input_tokens", "octal"),
        ("max_input_tokens: 922000", "max_input_tokens: 922_000", "max_input_tokens", "underscores"),
        ("max_input_tokens: 922000", "max_input_tokens: 15:00", "max_input_tokens", "base 60"),
        ("temperature: 0.2", "temperature: 0:30", "temperature", "base 60"),
        ("temperature: 0.2", "temperature: 0x1", "temperature", "hexadecimal"),
        ("temperature: 0.2", "temperature: .nan", "temperature", "nan"),
        ("input: 0.20", "input: 010", "prices[1].input", "octal"),
        ("input: 0.20", "input: ~", "prices[1].input", "empty"),
        ("free: true", "free: \"true\"", "free", "true"), ("free: true", "free: yes", "free", "yes"),
        ("structured_output: false", "structured_output: no", "structured_output", "no"),
        ("model_id: gpt-6-luna", "model_id: no", "model_id", "boolean"),
        ("model_id: gpt-6-luna", "model_id: 4.1", "model_id", "number"),
        ("model_id: gpt-6-luna", "model_id: null", "model_id", "empty"),
        ("model_id: gpt-6-luna", "model_id: [a]", "model_id", "list"),
        ("priority: 2}", "priority: 02}", "tiers", "priority"),
        ("effort: low", "<<: {effort: low}", "", "merge key"),
        ("effort: low", "effort: low\n    effort: high", "", "twice"),
        ("models:", "modells:", "modells", "not known"), ("name: local", "name: 'a b'", "models[1].name", "a b"),
    ])
    func problemsNameTheFieldAndWhatIsAllowed(old: String, new: String, field: String, word: String) throws {
        let broken = Self.valid.replacing(old, with: new, maxReplacements: 1)
        do throws(ModelCatalogueError) {
            _ = try ModelCatalogue.parse(broken, file: "models.yaml")
            Issue.record("accepted \(new)")
        } catch {
            #expect(error.field.hasSuffix(field), "\(error)")
            #expect(error.problem.contains(word), "\(error)")
            #expect(!error.allowed.isEmpty)
            #expect(error.description.hasPrefix("models.yaml:"), "\(error)")
            if error.model != nil { #expect(error.description.contains("model "), "\(error)") }
        }
    }

    @Test(arguments: [
        "", "models: []", "models: 5", "[", "- a", "models:\n  - 5\n", "models:\n  - name: a\n    name: b\n",
    ])
    func filesOfTheWrongShapeAreRefused(yaml: String) {
        #expect(throws: ModelCatalogueError.self) { try ModelCatalogue.parse(yaml, file: "models.yaml") }
    }

    @Test func missingFileIsNamed() {
        do throws(ModelCatalogueError) {
            _ = try ModelCatalogue.load(path: "/no/such/models.yaml")
            Issue.record("accepted")
        } catch {
            #expect(error.description == "/no/such/models.yaml: does not exist, allowed: a UTF-8 text file")
        }
    }

    @Test func severalModelsAreCorrectedAtOnce() {
        let broken = Self.valid.replacing("effort: low", with: "effort: huge").replacing(
            "free: true", with: "free: maybe")
        let error = #expect(throws: ModelCatalogueError.self) { try ModelCatalogue.parse(broken, file: "models.yaml") }
        #expect(error?.others.count == 1)
        #expect(
            error?.description.contains("models.yaml:10: model gpt-6-luna, models[0].effort") == true,
            "\(error.debugDescription)")
        #expect(
            error?.description.contains("model local, models[1].free: is \"maybe\"") == true,
            "\(error.debugDescription)")
    }
}
