import FleetCore
import JSON

/// Puts a step's question together from its rows, as the input manifest says: sections in the order of their zones, each
/// complete or visibly cut.
struct PromptBuilder: Sendable {
    let catalogue: AgentCatalogue
    var limits = WorkflowLimits()

    /// The material of a step, section by section, before anything is cut.
    ///
    /// - Throws: `missing`, if a section has to be there and has nothing to show.
    func drafts(for step: ClaimedStep) throws(PromptProblem) -> [PromptFitter.Draft] {
        guard let kind = catalogue.inputs[step.kind] else {
            throw .missing(section: "inputs", kind: step.kind)
        }
        let sections = PromptSections(
            catalogue: catalogue, limits: limits, step: step, requirements: StepRequirements(step))
        var drafts: [PromptFitter.Draft] = []
        for section in kind.sections {
            let elements = sections.elements(section).filter { !$0.isEmpty }
            if elements.isEmpty {
                guard !section.need.holds(for: step) else { throw .missing(section: section.tag, kind: step.kind) }
                continue
            }
            drafts.append(PromptFitter.Draft(section: section, elements: elements))
        }
        return drafts
    }

    /// The prompt for one model.
    ///
    /// - Parameters:
    ///   - window: tokens that the model takes in.
    ///   - fixed: bytes of instructions and schema, which go with every call.
    ///   - ratio: tokens of four bytes, as learned of the model.
    func prompt(
        _ drafts: [PromptFitter.Draft], kind: StepKind, window: Int, fixed: Int, ratio: Double
    ) throws(PromptProblem) -> Prompt {
        let fitter = PromptFitter(ratio: ratio)
        let cap = min(catalogue.inputs[kind]?.cap ?? window, window)
        let (fitted, cuts) = try fitter.fit(drafts, available: max(0, cap - fitter.tokens(fixed)))
        let blocks = InputZone.allCases.compactMap { zone -> String? in
            let elements = fitted.filter { $0.section.zone == zone }.flatMap(\.elements)
            return elements.isEmpty ? nil : elements.map(\.rendered).joined(separator: "\n")
        }
        let size = blocks.reduce(0) { $0 + $1.utf8.count + 1 }
        return Prompt(blocks: blocks, cuts: cuts, room: max(0, cap - fitter.tokens(fixed + size)), ratio: ratio)
    }
}

/// A prompt that fits.
struct Prompt: Sendable, Equatable {
    /// One text per zone: what prompts have in common comes first.
    var blocks: [String]
    /// What was left out.
    var cuts: [PromptCut]
    /// Tokens that are left for a repair.
    var room: Int
    var ratio: Double

    /// What was cut, as JSON text; nil if nothing was.
    var cutsJSON: String? { cuts.isEmpty ? nil : JSONValue.array(cuts.map(\.json)).serialized() }

    /// An invalid answer is shown as far as that, in bytes.
    private static let longestInvalidAnswer = 20_000

    /// The same question once more, with what was wrong with the answer.
    func repairing(_ invalidAnswer: String, problems: [String]) -> Prompt {
        let fitter = PromptFitter(ratio: ratio)
        // Half of what is left: the errors have to stand beside it.
        let limit = min(Self.longestInvalidAnswer, Int(Double(room) * 4 / ratio) / 2)
        let kept = TextCutter.prefix(of: invalidAnswer, to: limit)
        var answer = PromptElement("invalid_answer", text: kept)
        var repair = self
        if kept.utf8.count < invalidAnswer.utf8.count {
            let cut = PromptCut(
                section: "invalid_answer", what: "invalid_answer", kept: fitter.tokens(kept.utf8.count),
                of: fitter.tokens(invalidAnswer.utf8.count))
            answer.children.append(cut.mark)
            repair.cuts.append(cut)
        }
        repair.add(
            [answer, Self.errors(problems)],
            "The answer above does not satisfy the schema. Answer again, completely, with these errors corrected.")
        return repair
    }

    /// The same question once more after an answer that did not come to its end.
    ///
    /// - Parameter limit: tokens that an answer may have; a word takes about one and a half, and the model thinks, too.
    func askingForShorter(limit: Int) -> Prompt {
        var repair = self
        repair.add(
            [Self.errors(["the answer was cut off at \(limit) tokens"])],
            "Answer again, completely and shorter: at most \(max(50, limit * 2 / 5)) words in all.")
        return repair
    }

    private static func errors(_ problems: [String]) -> PromptElement {
        PromptElement("errors", children: problems.prefix(20).map { PromptElement("error", text: $0.cut(to: 300)) })
    }

    private mutating func add(_ elements: [PromptElement], _ sentence: String) {
        blocks.append((elements.map(\.rendered) + [sentence]).joined(separator: "\n"))
    }
}
