import Foundation
import Testing

@testable import ProviderTwin

/// The rule behind the twin: an answer is as good as its inputs. Whatever section is left out of a prompt, the answer
/// changes in a field that somebody decides by.
struct MutationTests {
    /// The manifest's sections of every kind.
    private static let tags: [String: [String]] = [
        "task_analysis": ["task", "previous_analysis", "previous_answer", "revision_request"],
        "specialist_selection": ["available_specialists", "task", "analysis", "revision_request", "load", "tried"],
        "task_decomposition": [
            "task", "analysis", "revision_request", "selected_specialists", "limits", "rejected_plan", "plan_errors",
        ],
        "subtask_execution": [
            "task", "constraints", "revision_request", "plan_outline", "requirements", "dependency", "subtask",
            "attempts", "solution", "rejected_solution", "feedback",
        ],
        "solution_review": [
            "task", "requirements", "constraints", "revision_request", "plan_outline", "dependency", "subtask",
            "feedback", "solution",
        ],
        "coordination": [
            "task", "analysis", "revision_request", "missing", "partial", "solution", "previous_aggregation",
        ],
        "synthesis": [
            "task", "analysis", "revision_request", "aggregation", "missing", "partial", "must_state", "solution",
            "answer", "feedback",
        ],
        "final_review": [
            "task", "analysis", "revision_request", "aggregation", "missing", "partial", "must_state", "feedback",
            "answer",
        ],
        "revision_scoping": ["task", "analysis", "subtask", "answer", "earlier_revisions", "revision_request"],
    ]

    /// The fields of each kind by which the next step, a check in code or a reader decides.
    private static func decisions(_ stage: String, _ answer: [String: Any]) -> [String: Any] {
        switch stage {
        case "task_analysis": return answer.filter { !["summary", "domain", "keywords"].contains($0.key) }
        case "specialist_selection":
            let chosen = answer["specialists"] as? [[String: Any]] ?? []
            return [
                "gaps": answer["gaps"] ?? [],
                "chosen": chosen.map { entry in
                    ["type", "priority", "focus_areas", "rationale"].map { "\(entry[$0] ?? "")" }
                },
            ]
        case "subtask_execution":
            let content = answer["content"] as? String ?? ""
            // Figures are drawn; what is named is not.
            let named = content.filter { !$0.isNumber || $0 == "R" }
            return answer.filter { ["covers", "open_points", "sources"].contains($0.key) }
                .merging(["named": named]) { $1 }
        case "synthesis":
            let sections = answer["sections"] as? [[String: String]] ?? []
            return answer.filter { ["requirement_answers", "limitations", "sources"].contains($0.key) }
                .merging(["titles": sections.map { $0["title"] ?? "" }]) { $1 }
        default: return answer
        }
    }

    @Test func theMaterialHasEverySectionOfTheManifest() {
        for (stage, tags) in Self.tags {
            let present = Set((Material.byStage[stage] ?? []).map(\.tag))
            #expect(present == Set(tags), "\(stage)")
        }
        #expect(Self.tags.values.joined().count == 69)
    }

    @Test(arguments: tags.keys.sorted()) func everySectionMatters(stage: String) throws {
        let sections = try #require(Material.byStage[stage])
        for seed: UInt64 in [7, 8, 9] {
            let whole = Material.json(Self.decisions(stage, Asking.object(stage, sections, seed: seed)))
            for tag in Self.tags[stage] ?? [] {
                let answer = Asking.object(stage, sections.without(tag), seed: seed)
                #expect(Shape.stages[stage]?.mismatch(answer) == nil, "\(stage) without \(tag)")
                #expect(Material.json(Self.decisions(stage, answer)) != whole, "\(stage) without \(tag), seed \(seed)")
            }
        }
    }
}
