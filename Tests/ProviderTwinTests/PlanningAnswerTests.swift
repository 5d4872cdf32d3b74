import Testing

@testable import ProviderTwin

struct PlanningAnswerTests {
    private static let selection = Material.byStage["specialist_selection"] ?? []
    private static let plain = [Material.taskSection, Material.analysis, Material.selected, Material.limits]

    private static func types(_ answer: [String: Any]) -> [String] {
        (answer["specialists"] as? [[String: Any]] ?? []).compactMap { $0["type"] as? String }
    }

    private static func subtasks(_ answer: [String: Any]) -> [[String: Any]] {
        answer["subtasks"] as? [[String: Any]] ?? []
    }

    @Test func selectionPrefersRelevantSpecialists() {
        let sections = Self.selection.without("load").without("tried").without("revision_request")
        for seed: UInt64 in 0..<20 {
            let types = Self.types(Asking.object("specialist_selection", sections, seed: seed))
            #expect(!types.prefix(2).contains("poet") && !types.prefix(2).contains("baker"))
            #expect((2...5).contains(types.count))
        }
    }

    @Test func triedTypesAreNeverChosen() {
        for seed: UInt64 in 0..<20 {
            let types = Self.types(Asking.object("specialist_selection", Self.selection, seed: seed))
            #expect(!types.contains("financial_analyst"))
        }
    }

    @Test func amongEqualsTheFreeTypeGoesFirst() {
        for busy in ["market_researcher", "market_expert"] {
            let load = Section("load", body: Section("waiting", ["type": busy], "2").text)
            let sections = [Material.available, Material.taskSection, Material.analysis, load]
            for seed: UInt64 in 0..<20 {
                let types = Self.types(Asking.object("specialist_selection", sections, seed: seed))
                let free = busy == "market_expert" ? "market_researcher" : "market_expert"
                guard let place = types.firstIndex(of: busy) else { continue }
                #expect(types[..<place].contains(free))
            }
        }
    }

    @Test func capabilitiesThatNobodyHasAreGaps() {
        let gaps = Asking.object("specialist_selection", Self.selection)["gaps"] as? [[String: String]] ?? []
        #expect(gaps.map { $0["capability"] } == ["alchemy"])
    }

    @Test func plansAreAcyclicAndCoverEverything() {
        for seed: UInt64 in 0..<100 {
            let subtasks = Self.subtasks(Asking.object("task_decomposition", Self.plain, seed: seed))
            #expect((2...6).contains(subtasks.count))
            var known: Set<String> = []
            var covered: Set<String> = []
            for subtask in subtasks {
                let dependencies = subtask["dependencies"] as? [String] ?? []
                #expect(known.isSuperset(of: dependencies), "a dependency points forward")
                known.insert(subtask["subtask_id"] as? String ?? "")
                covered.formUnion(subtask["covers"] as? [String] ?? [])
                let specialist = subtask["assigned_specialist"] as? String ?? ""
                #expect(["financial_analyst", "market_researcher", "technical_writer"].contains(specialist))
            }
            #expect(covered == ["R1", "R2", "R3", "R4", "R5"])
            #expect(known.count == subtasks.count)
        }
    }

    @Test func theSpecialistOfTheFirstRankBegins() {
        let first = Self.subtasks(Asking.object("task_decomposition", Self.plain)).first
        #expect(first?["assigned_specialist"] as? String == "financial_analyst")
        #expect((first?["title"] as? String)?.contains("costs") == true)
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 2)]) func plansKeepToTheLimits(most: Int, deepest: Int) {
        let limits = Section("limits", ["max_subtasks": "\(most)", "max_depth": "\(deepest)"], body: "")
        for seed: UInt64 in 0..<30 {
            let sections = [Material.taskSection, Material.analysis, Material.selected, limits]
            let subtasks = Self.subtasks(Asking.object("task_decomposition", sections, seed: seed))
            #expect(subtasks.count <= most)
            var depths: [String: Int] = [:]
            for subtask in subtasks {
                let before = (subtask["dependencies"] as? [String] ?? []).compactMap { depths[$0] }.max() ?? 0
                depths[subtask["subtask_id"] as? String ?? ""] = before + 1
            }
            #expect((depths.values.max() ?? 0) <= deepest)
            #expect(Set(subtasks.flatMap { $0["covers"] as? [String] ?? [] }).count == 5)
        }
    }

    @Test func aRefusedPlanIsMended() {
        let plan = Asking.object("task_decomposition", Material.byStage["task_decomposition"] ?? [])
        let subtasks = Self.subtasks(plan)
        #expect(subtasks.map { $0["title"] as? String } == ["Part 1", "Part 2", "Part 3"])
        #expect(subtasks.allSatisfy { $0["assigned_specialist"] as? String != "wizard" })
        #expect(Set(subtasks.flatMap { $0["covers"] as? [String] ?? [] }) == ["R1", "R2", "R3", "R4", "R5"])
    }

    @Test(arguments: [
        "no subtask covers 'R3'", "subtask 's1': assigned_specialist 'wizard' was not selected; allowed: a",
        "subtask 's2' depends on 's9', which is not in the plan", "these subtasks wait for each other: 's1'",
        "the plan has 14 subtasks; at most 12 are allowed", "subtask 's1': title is blank",
        "the longest chain of dependencies has 7 subtasks; at most 6 are allowed",
        "subtask_id 's1' is used more than once",
    ])
    func withoutTheRefusedPlanTheMistakeIsMadeAgain(error: String) {
        let sections = Self.plain + [Section("plan_errors", body: Section.items("error", [error]))]
        let plan = Asking.object("task_decomposition", sections)
        #expect(Shape.stages["task_decomposition"]?.mismatch(plan) == nil)
        let subtasks = Self.subtasks(plan)
        let keys = subtasks.compactMap { $0["subtask_id"] as? String }
        let dependencies = subtasks.map { $0["dependencies"] as? [String] ?? [] }
        let covered = Set(subtasks.flatMap { $0["covers"] as? [String] ?? [] })
        let repeats = [
            !covered.contains("R3"), subtasks.contains { $0["assigned_specialist"] as? String == "wizard" },
            dependencies.joined().contains("s9"), zip(keys, dependencies).contains { $1.contains($0) },
            subtasks.count == 14, subtasks.contains { $0["title"] as? String == " " },
            subtasks.count == 7 && dependencies.dropFirst().allSatisfy { $0.count == 1 },
            Set(keys).count < keys.count,
        ]
        #expect(repeats.count(where: \.self) == 1, "\(error): \(repeats)")
    }
}
