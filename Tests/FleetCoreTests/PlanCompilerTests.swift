import FleetCore
import JSON
import Testing

@Suite struct PlanCompilerTests {
    private let compiler = PlanCompiler()

    private func subtask(
        _ key: String, after dependencies: [String] = [], specialist: String = "developer", covers: [String] = ["R1"]
    ) -> JSONValue {
        [
            "subtask_id": .string(key), "title": "Title", "description": "Text", "deliverable": "Text",
            "assigned_specialist": .string(specialist), "dependencies": .strings(dependencies),
            "covers": .strings(covers),
            "priority": "high", "complexity": "complex",
        ]
    }

    private func problems(_ subtasks: [JSONValue], requirements: [String] = ["R1"]) -> [PlanProblem] {
        do {
            _ = try compiler.compile(
                ["subtasks": .array(subtasks)], specialists: ["developer"],
                requirements: requirements.map { Requirement(id: $0, text: "It.") })
            return []
        } catch {
            return error.problems
        }
    }

    @Test func aGoodPlanIsOrderedByDependencies() throws {
        let plan = try compiler.compile(
            ["subtasks": [subtask("b", after: ["a"]), subtask("c", after: ["b", "a"]), subtask("a")]],
            specialists: ["developer"], requirements: [Requirement(id: "R1", text: "It.")])
        #expect(plan.nodes.map(\.key) == ["a", "b", "c"])
        #expect(plan.nodes[0].isComplex && plan.nodes[0].priority == .high)
        #expect(plan.phases == [["a"], ["b"], ["c"]])
        let wide = try compiler.compile(
            ["subtasks": [subtask("a"), subtask("b"), subtask("c", after: ["b"]), subtask("d", after: ["a"])]],
            specialists: ["developer"], requirements: [Requirement(id: "R1", text: "It.")])
        #expect(wide.phases == [["a", "b"], ["c", "d"]])
    }

    @Test func cyclesAreNamed() {
        #expect(
            problems([subtask("a", after: ["b"]), subtask("b", after: ["a"]), subtask("c")]) == [.cycle(["a", "b"])])
        #expect(problems([subtask("a", after: ["a"])]) == [.cycle(["a"])])
    }

    @Test func everythingElseThatIsWrongIsReportedAtOnce() {
        let found = problems(
            [subtask("a", specialist: "nobody"), subtask("a", after: ["x"]), subtask(" ", covers: [])],
            requirements: ["R1", "R2"])
        #expect(found.contains(.duplicateKey("a")))
        #expect(found.contains(.unknownSpecialist(key: "a", type: "nobody", allowed: ["developer"])))
        #expect(found.contains(.unknownDependency(key: "a", dependency: "x")))
        #expect(found.contains(.blank(key: " ", field: "subtask_id")))
        #expect(found.contains(.uncovered(["R2"])))
    }

    @Test func aRequirementThatNobodyCanServeNeedsAReason() throws {
        let requirements = [
            Requirement(id: "R1", text: "One."), Requirement(id: "R2", text: "Two."),
            Requirement(id: "R3", text: "Three.", level: .should),
        ]
        func compiled(_ uncovered: JSONValue) throws -> Plan {
            try compiler.compile(
                ["subtasks": [subtask("a")], "uncovered": uncovered], specialists: ["developer"],
                requirements: requirements)
        }
        _ = try compiled([["requirement": "R2", "reason": "No such craft."]])
        for excuse in [[], [["requirement": "R2", "reason": " "]], [["requirement": "R3", "reason": "No."]]]
            as [JSONValue]
        {
            let rejection = #expect(throws: PlanRejected.self) { try compiled(excuse) }
            #expect(rejection?.problems == [.uncovered(["R2"])])
        }
    }

    @Test func aSubtaskCoversOnlyWhatTheAnalysisHas() {
        #expect(
            problems([subtask("a", covers: ["R1", "R9"])])
                == [.unknownRequirements(key: "a", ids: ["R9"])])
    }

    /// It would owe all of them.
    @Test func aSubtaskCoversSomething() {
        #expect(problems([subtask("a"), subtask("b", covers: [])]) == [.coversNothing(key: "b")])
        #expect(problems([subtask("a", covers: [])], requirements: []) == [])
    }

    /// What is quoted goes into prompts, events and rows: none of it may be as long as a model likes.
    @Test func longKeysAreRefusedAndQuotedShort() {
        let key = String(repeating: "k", count: 300_000)
        let found = problems([subtask(key, after: (1...50).map { "\(key)\($0)" })])
        #expect(found.contains(.longKey(key: key, limit: 100)))
        #expect(found.map(\.description).joined().count < 10_000)
    }

    @Test func titlesAreCutAsTheDatabaseCounts() throws {
        var entry = try #require(subtask("a").object)
        entry["title"] = .string(String(repeating: "e\u{301}", count: 400))
        let plan = try compiler.compile(
            ["subtasks": [.object(entry)]], specialists: ["developer"],
            requirements: [Requirement(id: "R1", text: "It.")])
        #expect(plan.nodes[0].title.unicodeScalars.count == 500)
        let specialist = SelectedSpecialist(type: "developer", rationale: "", score: 1)
        let template = compiler.template(
            title: String(repeating: "e\u{301}", count: 250), description: "Text", specialists: [specialist])
        #expect(template.nodes[0].title.unicodeScalars.count == 500)
    }

    @Test func emptyTooWideAndTooDeepPlansAreRefused() {
        #expect(problems([], requirements: []) == [.empty])
        #expect(problems((1...13).map { subtask("s\($0)") }) == [.tooMany(count: 13, limit: 12)])
        let chain = (1...7).map { subtask("s\($0)", after: $0 == 1 ? [] : ["s\($0 - 1)"]) }
        #expect(problems(chain) == [.tooDeep(depth: 7, limit: 6)])
    }

    @Test func theTemplatePlanHasOneIndependentSubtaskPerSpecialist() {
        let plan = compiler.template(
            title: "Title", description: "Text",
            specialists: [
                SelectedSpecialist(type: "a", rationale: "", score: 1), .init(type: "b", rationale: "", score: 1),
            ])
        #expect(plan.nodes.map(\.specialist) == ["a", "b"])
        #expect(plan.nodes.allSatisfy { $0.dependencies.isEmpty })
    }
}
