import Catalogues
import FleetCore
import FleetTesting
import JSON
import RepositoryFixtures
import Testing

@testable import Execution

/// Whatever the sizes: prompts fit, cuts show, and what is to be judged is whole or not asked about.
@Suite struct PromptCutTests {
    private let catalogue: AgentCatalogue
    private let steps: [ClaimedStep]

    init() throws {
        catalogue = try RepositoryFiles.catalogues().agents
        steps = RealisticRun(catalogue: catalogue).steps
    }

    private static let pieces = [
        "A sentence about the price of heat pumps. ", "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "```\nlet x = 1 < 2\n```\n\n",
        "## A heading\n\n", "熱ポンプの価格は高い。", "🏡🔥 ", "- an item & more\n", "\n\n", "word ",
    ]

    private static func text(_ bytes: Int, _ generator: inout SeededGenerator) -> String {
        var text = ""
        while text.utf8.count < bytes { text += pieces.randomElement(using: &generator) ?? "" }
        return text
    }

    /// 10 bytes to 300 KB, small ones as often as large ones.
    private static func size(_ generator: inout SeededGenerator) -> Int {
        10 << Int.random(in: 0...15, using: &generator)
    }

    /// The step with texts of other sizes.
    private func inflated(_ step: ClaimedStep, _ generator: inout SeededGenerator) -> ClaimedStep {
        var step = step
        step.material.taskDescription = Self.text(Self.size(&generator), &generator)
        step.material.taskContext =
            (["one": .string(Self.text(Self.size(&generator) / 4, &generator)), "two": "small"] as JSONValue)
            .serialized()
        if step.input.revisionRequest != nil {
            step.input.revisionRequest = String(Self.text(min(20_000, Self.size(&generator)), &generator).prefix(9000))
            step.input.revisionAreas = (0..<50).map { _ in String(Self.text(400, &generator).prefix(400)) }
        }
        for id in step.material.solutions.keys.sorted() {
            guard step.material.solutions[id]?.metadata != nil else { continue }
            step.material.solutions[id]?.content = Self.text(Self.size(&generator), &generator)
        }
        return step
    }

    @Test(arguments: [0, 3, 5, 7] as [UInt64]) func promptsFitAndCutsShow(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let builder = PromptBuilder(catalogue: catalogue)
        var cuts = 0
        for original in steps {
            let step = inflated(original, &generator)
            let ratio = Double(Int.random(in: 8...16, using: &generator)) / 10
            let window = [28_000, 900_000][Int.random(in: 0...1, using: &generator)]
            let cap = min(try #require(catalogue.inputs[step.kind]).cap, window)
            let prompt: Prompt
            do {
                prompt = try builder.prompt(
                    builder.drafts(for: step), kind: step.kind, window: window, fixed: 6000, ratio: ratio)
            } catch {
                // Only what must not be cut may be too much; that is also the description of a task that is
                // analysed, and the words of a user who asks for a revision.
                guard case .tooLarge(let section, _, _) = error else { throw error }
                let entry = try #require(catalogue.inputs[step.kind]?.sections.first { $0.tag == section })
                #expect([[], [.context], [.items]].contains(entry.cuts), "\(step.kind) \(error)")
                continue
            }
            let text = prompt.blocks.joined(separator: "\n")
            #expect(Double(text.utf8.count + 6000) / 4 * ratio <= Double(cap) + 1, "\(step.kind)")
            #expect(text.ranges(of: "<cut what=\"").count == prompt.cuts.count)
            cuts += prompt.cuts.count
            let again = try builder.prompt(
                builder.drafts(for: step), kind: step.kind, window: window, fixed: 6000, ratio: ratio)
            #expect(again == prompt)
            try checkWholeSections(step, PromptText(text))
            // What the user asks for stands there whole; of the parts it names the last may be left out.
            if let request = step.input.revisionRequest {
                let shown = try #require(PromptText(text)["revision_request"].first).inner
                #expect(shown.hasPrefix(PromptElement("r", text: request).rendered.dropFirst(3).dropLast(4)))
            }
        }
        #expect(cuts > 0)
    }

    /// Sections that must not be cut stand as they would without any bound.
    private func checkWholeSections(_ step: ClaimedStep, _ text: PromptText) throws {
        let builder = PromptBuilder(catalogue: catalogue)
        for draft in try builder.drafts(for: step) where draft.section.cuts.isEmpty {
            let whole = PromptText(draft.elements.map(\.rendered).joined(separator: "\n"))
            #expect(text[draft.section.tag] == whole[draft.section.tag], "\(step.kind) \(draft.section.tag)")
        }
    }

    @Test func bodiesKeepTheirHeadingsAndAreNeverCutInsideABlock() {
        let table = "| a | b |\n|---|---|\n| 1 | 2 |"
        let code = "```\nlet x = 1\n\nlet y = 2\n```"
        let body = "# One\n\nFirst.\n\n\(table)\n\n# Two\n\nSecond.\n\n\(code)\n\nThird."
        #expect(TextCutter.body(body, to: 1000) == body)
        let cut = TextCutter.body(body, to: 70)
        #expect(cut.contains("# One\n\nFirst.") && cut.contains("# Two\n\nSecond."))
        #expect(!cut.contains("let y") || cut.contains(code))
        #expect(!cut.contains("| 1") || cut.contains(table))
        #expect(PromptElement.escapedSize(cut) <= 70)
    }

    @Test func jsonStaysJSONWhenItIsCut() throws {
        let items = (0..<100).map { JSONValue.string("item number \($0)") }
        let value: JSONValue = ["summary": "It is.", "findings": .array(items), "gaps": ["one", "two"]]
        let cut = try JSONValue(parsing: TextCutter.json(value.serialized(), to: 500))
        #expect(cut["summary"]?.string == "It is.")
        #expect(cut.strings("findings").first == "item number 0" && cut.strings("findings").count < 40)
        #expect(cut.strings("gaps") == ["one", "two"])
        #expect(TextCutter.json("not json at all", to: 8).utf8.count <= 8)
    }

    @Test func aSolutionIsJudgedWholeOrNotAtAll() throws {
        var step = try #require(steps.first { $0.kind == .solutionReview })
        let subject = try #require(step.input.subjectStepID)
        step.material.solutions[subject]?.content = String(repeating: "A long solution. ", count: 10_000)
        let builder = PromptBuilder(catalogue: catalogue)
        let problem = #expect(throws: PromptProblem.self) {
            try builder.prompt(builder.drafts(for: step), kind: step.kind, window: 900_000, fixed: 6000, ratio: 1.1)
        }
        #expect(problem?.description.hasPrefix("prompt_too_large: section <solution> takes 4") == true)
    }

    /// What an author has not seen it has to say.
    @Test func anAnswerFromCutMaterialSaysSo() throws {
        let step = try #require(steps.first { $0.kind == .synthesis })
        let reader = try AnswerReader(catalogue: catalogue)
        let text = try #require(RealisticRun(catalogue: catalogue).harness.answers[step.stepID]).serialized()
        let cut = PromptCut(section: "solution", what: "solution content", kept: 10, of: 20)
        guard case .valid(let whole) = reader.read(text, for: step),
            case .valid(let shortened) = reader.read(text, for: step, cuts: [cut])
        else {
            Issue.record("not valid")
            return
        }
        #expect(whole.json == text)
        let limitations = try JSONValue(parsing: shortened.json).strings("limitations")
        #expect(limitations.last == "Parts of the material (solution content) were shortened for length.")
    }

    @Test func aRepairShowsAsMuchOfTheAnswerAsThereIsRoomFor() throws {
        let step = try #require(steps.first { $0.kind == .taskAnalysis })
        let builder = PromptBuilder(catalogue: catalogue)
        let prompt = try builder.prompt(
            builder.drafts(for: step), kind: step.kind, window: 3000, fixed: 6000, ratio: 1)
        let repair = prompt.repairing(String(repeating: "nonsense ", count: 5000), problems: ["/: is no JSON"])
        #expect(repair.blocks.reduce(6000) { $0 + $1.utf8.count } / 4 <= 3000)
        #expect(repair.cuts.last?.what == "invalid_answer")
        #expect(repair.blocks.last?.contains("<cut what=\"invalid_answer\"") == true)
        let short = prompt.repairing("nonsense", problems: ["/: is no JSON"])
        #expect(short.cuts == prompt.cuts)
    }
}
