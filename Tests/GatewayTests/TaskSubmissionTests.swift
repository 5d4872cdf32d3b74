import FleetCore
import JSON
import Testing

struct TaskSubmissionTests {
    private func problems(_ body: String) -> [String: String] {
        do {
            _ = try TaskSubmission.validate(JSONValue(parsing: body))
            return [:]
        } catch let error as ValidationError {
            return Dictionary(uniqueKeysWithValues: error.problems.map { ($0.field, $0.message) })
        } catch {
            return ["json": "\(error)"]
        }
    }

    private func body(_ members: String) -> String {
        #"{"title":"t","description":"01234567890123456789"\#(members.isEmpty ? "" : "," + members)}"#
    }

    @Test func smallestBodyHasDefaults() throws {
        let submission = try TaskSubmission.validate(JSONValue(parsing: body("")))
        #expect(submission == TaskSubmission(title: "t", description: "01234567890123456789"))
        #expect(submission.priority == .medium)
    }

    @Test func wholeBodyIsRead() throws {
        let text = body(#""priority":"urgent","context":{"a":[1]},"user_id":"a.b@c:d-1_","batch":"Q 4","x":1"#)
        let submission = try TaskSubmission.validate(JSONValue(parsing: text))
        #expect(submission.priority == .urgent)
        #expect(submission.context == ["a": [1]])
        #expect(submission.userID == "a.b@c:d-1_")
        #expect(submission.batch == "Q 4")
    }

    @Test func nullStandsForAbsent() {
        #expect(problems(body(#""priority":null,"context":null,"user_id":null,"batch":null"#)).isEmpty)
        #expect(problems(#"{"title":null,"description":null}"#).keys.sorted() == ["description", "title"])
    }

    @Test func allProblemsAreNamedAtOnce() {
        let found = problems(
            #"{"title":1,"description":"short","priority":"soon","context":[],"user_id":"a b","batch":{}}"#)
        #expect(
            found == [
                "title": "Title must be a string, not a number",
                "description": "Description must be at least 20 characters, not 5",
                "priority": "Priority must be one of urgent, high, medium, low",
                "context": "Context must be an object, not an array",
                "user_id": "User id must be a string of 1 to 50 letters, digits or _ . @ : -",
                "batch": "Batch must be a string, not an object",
            ])
    }

    @Test(arguments: [
        (#"{"description":"01234567890123456789"}"#, "title"),
        (#"{"title":"  \t","description":"01234567890123456789"}"#, "title"),
        (#"{"title":"a\u0000b","description":"01234567890123456789"}"#, "title"),
        (#"{"title":"t"}"#, "description"),
        (#"{"title":"t","description":"                         "}"#, "description"),
        (#"{"title":"t","description":"0123456789012345678\u0000"}"#, "description"),
        (#"{"title":"t","description":["01234567890123456789"]}"#, "description"),
        (#"[]"#, "body"), (#""text""#, "body"),
    ])
    func badBodyNamesItsField(_ body: String, _ field: String) {
        #expect(Array(problems(body).keys) == [field])
    }

    @Test(arguments: [
        (#""priority":3"#, "priority"), (#""priority":"HIGH""#, "priority"), (#""priority":"""#, "priority"),
        (#""context":"x""#, "context"), (#""context":{"a":"\u0000"}"#, "context"),
        (#""context":{"\u0000":1}"#, "context"), (#""context":{"a":[1e400]}"#, "context"),
        (#""context":{"a":1e-20000}"#, "context"), (#""context":{"a":1e-9223372036854775808}"#, "context"),
        (#""context":{"a":1e51}"#, "context"), (#""user_id":"""#, "user_id"), (#""user_id":7"#, "user_id"),
        (#""user_id":"ü""#, "user_id"), (#""user_id":"a\u0000""#, "user_id"), (#""batch":"""#, "batch"),
        (#""batch":"\u0000""#, "batch"), (#""batch":true"#, "batch"),
    ])
    func badMemberNamesItsField(_ members: String, _ field: String) {
        #expect(Array(problems(body(members)).keys) == [field])
    }

    /// Looking for what cannot be stored takes as long as the body, however deep it is.
    @Test func deepNestingIsLookedThroughOnce() {
        let deep = String(repeating: "[", count: 100) + "1e99" + String(repeating: "]", count: 100)
        #expect(Array(problems(body(#""context":{"a":\#(deep)}"#)).keys) == ["context"])
    }

    @Test func lengthsAreCountedInUnicodeCharactersAndInclusive() throws {
        func title(_ count: Int) -> [String: String] {
            problems(#"{"title":"\#(String(repeating: "é", count: count))","description":"01234567890123456789"}"#)
        }
        func description(_ count: Int) -> [String: String] {
            problems(#"{"title":"t","description":"\#(String(repeating: "ü", count: count))"}"#)
        }
        #expect(title(500).isEmpty)
        #expect(title(501)["title"] == "Title must be at most 500 characters, not 501")
        #expect(description(19).count == 1)
        #expect(description(20).isEmpty)
        #expect(description(10_000).isEmpty)
        #expect(description(10_001).count == 1)
        #expect(problems(body(#""user_id":"\#(String(repeating: "u", count: 50))""#)).isEmpty)
        #expect(problems(body(#""user_id":"\#(String(repeating: "u", count: 51))""#)).count == 1)
        #expect(problems(body(#""batch":"\#(String(repeating: "b", count: 200))""#)).isEmpty)
        #expect(problems(body(#""batch":"\#(String(repeating: "b", count: 201))""#)).count == 1)
        #expect(problems(body(#""context":{"a":"\#(String(repeating: "c", count: 65_528))"}"#)).isEmpty)
        #expect(problems(body(#""context":{"a":"\#(String(repeating: "c", count: 65_529))"}"#)).count == 1)
    }

    @Test func revisionsAreCheckedTheSameWay() throws {
        let good = #"{"revision_request":"More","specific_areas":["a","b"],"priority":"high","scope":"full_task"}"#
        #expect(
            try RevisionRequest.validate(JSONValue(parsing: good))
                == RevisionRequest(request: "More", areas: ["a", "b"], priority: .high, scope: .fullTask))
        let bad = #"{"revision_request":" ","specific_areas":["a",1],"priority":"now","scope":"all"}"#
        let error = #expect(throws: ValidationError.self) { try RevisionRequest.validate(JSONValue(parsing: bad)) }
        #expect(error?.problems.map(\.field) == ["revision_request", "specific_areas", "priority", "scope"])
        #expect(throws: ValidationError.self) { try RevisionRequest.validate([:]) }
    }

    @Test func idsAreLowerCaseBase32AndDiffer() {
        let ids = Set((0..<1000).map { _ in RandomID.make("task_") })
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /task_[a-z2-7]{20}/) != nil })
    }
}
