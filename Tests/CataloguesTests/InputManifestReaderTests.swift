import Catalogues
import FleetCore
import Foundation
import RepositoryFixtures
import Testing

@Suite struct InputManifestReaderTests {
    private static let yaml: String = {
        let file = RepositoryFiles.url("workers/agents/inputs.yaml")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }()

    @Test func theRepositorysManifestIsRead() throws {
        let manifest = try InputManifestReader.read(Self.yaml)
        let review = try #require(manifest[.solutionReview])
        #expect(review.cap == 32000)
        let solution = try #require(review.sections.first { $0.tag == "solution" })
        #expect(
            solution
                == InputSection(
                    tag: "solution", zone: .call, need: .required, source: .subject, budget: 16000, grows: true))
        #expect(review.sections.first?.cuts == [.context, .tail])
    }

    @Test(arguments: [
        ("cap: 18000", "cap: none", #"task_analysis.cap is "none""#),
        (
            "zone: catalogue, need", "zone: house, need",
            "<available_specialists>: zone is \"house\": allowed are catalogue"
        ),
        ("need: if_plan, from", "need: if_fun, from", "<subtask>: need is \"if_fun\": allowed are required, optional"),
        ("from: must_state", "from: must", "<must_state>: from is \"must\": allowed are task, revision"),
        ("budget: 12000, grow: true", "budget: 0, grow: true", "<task>: budget is 0: allowed are whole numbers"),
        ("cut: [indirect, body]", "cut: [indirect, all]", "<dependency>: cut is \"all\": allowed are context"),
        ("cut: [indirect, body]", "cut: sometimes", "<dependency>: cut must be never, or a list of context"),
        (
            "budget: 12000, grow: true, cut: [context]", "budget: 12000, cuts: never",
            "'cuts' is not known; allowed are tag"
        ),
        ("grow: true, cut: never}", "grow: maybe, cut: never}", "grow is \"maybe\": allowed are true and false"),
        ("cap: 18000", "cap: 5:00", "inputs:10: task_analysis.cap is 5:00, a number of base 60"),
        ("cap: 18000", "cap: 018000", "task_analysis.cap is 018000, an octal"),
        ("cap: 18000", "cap: \"18000\"", "task_analysis.cap is \"18000\" in quotes"),
        ("budget: 12000, grow: true", "budget: 12000, grow: yes", "grow is yes: allowed are true and false"),
        ("budget: 12000, grow: true", "budget: 12000, grow: \"true\"", "grow is \"true\" in quotes"),
        ("cut: [context]", "cut: [no]", "cut is no: allowed are context"),
        ("tag: task,", "tag: no,", ".tag must be a name"),
        ("cap: 18000", "cap: 18000\n  cap: 1", "the key 'cap' is there twice"),
        ("tag: previous_analysis", "tag: task", "<task> is there twice"),
        ("revision_scoping:", "revision_scopes:", "'revision_scopes' is no step kind"),
        ("{tag: revision_request, zone: call", "{tag: Revision, zone: call", ".tag must be a name"),
        ("tag: task, zone: task", "tag: task, zone: call", "sections must be in the order of their zones"),
    ])
    func mistakesAreNamedWithTheirPlace(old: String, new: String, message: String) throws {
        let place = try #require(Self.yaml.firstRange(of: old))
        let wrong = Self.yaml.replacingCharacters(in: place, with: new)
        let error = #expect(throws: AgentCatalogueError.self) { try InputManifestReader.read(wrong) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func everyKindHasAnEntry() throws {
        let without = Self.yaml.replacing("task_analysis:", with: "#")
        #expect(throws: AgentCatalogueError.self) { try InputManifestReader.read(without) }
        #expect(throws: AgentCatalogueError.self) { try InputManifestReader.read("") }
        #expect(throws: AgentCatalogueError.self) { try InputManifestReader.read("a: [") }
    }
}
