import FleetCore
import JSON
import Testing

@Suite struct OutputValidatorTests {
    private static let review = """
        {"type":"object","title":"solution_review","additionalProperties":false,
         "required":["strengths","scores","recommendation","note"],
         "properties":{
           "strengths":{"type":"array","items":{"type":"string","minLength":1},"maxItems":3},
           "scores":{"type":"object","required":["quality"],"additionalProperties":false,
                     "properties":{"quality":{"type":"number","minimum":0,"maximum":10}}},
           "recommendation":{"type":"string","enum":["ACCEPT","NEEDS_REVISION","REJECT"]},
           "note":{"anyOf":[{"$ref":"#/$defs/note"},{"type":"null"}]}},
         "$defs":{"note":{"type":"object","required":["text"],"additionalProperties":{"type":"integer"},
                          "properties":{"text":{"type":["string","null"]},"next":{"$ref":"#/$defs/note"}}}}}
        """

    private func errors(_ text: String, schema: String = review) throws -> [String] {
        switch OutputValidator(schema: try CompiledSchema(json: schema)).validate(text) {
        case .valid: []
        case .invalid(let errors): errors
        }
    }

    private func answer(
        strengths: String = "[]", quality: String = "7", recommendation: String = "\"ACCEPT\"", note: String = "null",
        more: String = ""
    ) -> String {
        """
        {"strengths":\(strengths),"scores":{"quality":\(quality)},"recommendation":\(recommendation),"note":\(note)\(more)}
        """
    }

    @Test func validAnswersPass() throws {
        #expect(try errors(answer()) == [])
        #expect(try errors(answer(strengths: "[\"a\",\"b\"]", quality: "9.5", recommendation: "\"REJECT\"")) == [])
        #expect(try errors(answer(note: #"{"text":null,"next":{"text":"deep","next":{"text":"x"}},"n":1.0}"#)) == [])
        let outcome = OutputValidator(schema: try CompiledSchema(json: Self.review)).validate(answer())
        #expect(outcome == .valid(try JSONValue(parsing: answer())))
    }

    @Test func problemsNamePlaceAndExpectation() throws {
        #expect(try errors("[]") == ["/: is an array, expected object"])
        #expect(
            try errors("{") == [
                "/: is not JSON (line 1, column 2: the end of the text although an object is open: } is missing), expected one JSON value and nothing else"
            ])
        #expect(try errors("") != [])
        #expect(
            try errors(answer(quality: "\"high\"")) == ["/scores/quality: is \"high\", expected number"])
        #expect(try errors(answer(quality: "11")) == ["/scores/quality: is 11, expected at most 10.0"])
        #expect(try errors(answer(quality: "-1e999")) == ["/scores/quality: is -1e999, expected at least 0.0"])
        #expect(
            try errors(answer(recommendation: "\"MAYBE\"")) == [
                "/recommendation: is \"MAYBE\", expected one of \"ACCEPT\", \"NEEDS_REVISION\", \"REJECT\""
            ])
        #expect(try errors(answer(strengths: "[\"a\",1]")) == ["/strengths/1: is 1, expected string"])
        #expect(try errors(answer(strengths: "[\"\"]")) == ["/strengths/0: has 0 characters, expected 1 or more"])
        #expect(
            try errors(answer(strengths: #"["a","b","c","d"]"#)) == ["/strengths: has 4 elements, expected 0 to 3"])
        #expect(
            try errors(answer(more: ",\"extra\":1")) == [
                "/: the member \"extra\" is not known, expected only \"strengths\", \"scores\", \"recommendation\", \"note\""
            ])
        #expect(try errors("{\"strengths\":[]}").count == 3)
        #expect(
            try errors("{\"strengths\":[]}").first == "/: the member \"scores\" is missing, expected it to be present")
    }

    @Test func choicesReportTheFormOfTheRightType() throws {
        #expect(try errors(answer(note: "{}")) == ["/note: the member \"text\" is missing, expected it to be present"])
        #expect(try errors(answer(note: "5")) == ["/note: is 5, expected one of 2 forms of the schema"])
        #expect(
            try errors(answer(note: #"{"text":"a","next":{"text":1}}"#)) == [
                "/note/next/text: is 1, expected string or null"
            ])
        #expect(try errors(answer(note: #"{"text":"a","a/b~":0.5}"#)) == ["/note/a~1b~0: is 0.5, expected integer"])
    }

    @Test func atMostTenProblemsAreReported() throws {
        let wrong = "[" + Array(repeating: "1", count: 100).joined(separator: ",") + "]"
        #expect(try errors(wrong, schema: #"{"items":{"type":"string"}}"#).count == 10)
        #expect(
            try errors(wrong, schema: #"{"items":{"anyOf":[{"type":"integer","minimum":2},{"type":"null"}]}}"#).count
                == 10)
    }

    @Test func constantsAndEnumsCompareByValue() throws {
        #expect(try errors("1.0", schema: #"{"const":1}"#) == [])
        #expect(try errors("2", schema: #"{"const":1}"#) == ["/: is 2, expected 1"])
        #expect(try errors(#"{"b":2,"a":1}"#, schema: #"{"enum":[{"a":1,"b":2}]}"#) == [])
        #expect(try errors("null", schema: #"{"enum":[1,null]}"#) == [])
        #expect(try errors("1", schema: #"{"items":false}"#) == [])
        #expect(try errors("[1]", schema: #"{"items":false}"#) == ["/0: is not allowed, expected nothing here"])
        #expect(try errors("1", schema: #"{"exclusiveMinimum":1}"#) == ["/: is 1, expected more than 1.0"])
        #expect(try errors("1", schema: #"{"exclusiveMaximum":1}"#) == ["/: is 1, expected less than 1.0"])
    }

    @Test func deepAnswersOfARecursiveSchemaAreChecked() throws {
        let schema = ##"{"type":"object","properties":{"a":{"$ref":"#"}},"additionalProperties":false}"##
        let deep = String(repeating: "{\"a\":", count: 100) + "{}" + String(repeating: "}", count: 100)
        #expect(try errors(deep, schema: schema) == [])
        #expect(try errors(deep.replacing("{}", with: "1"), schema: schema).count == 1)
    }

    @Test(arguments: [
        (#"{"type":"object","properties":{"a":{"pattern":"x"}}}"#, "/properties/a/pattern", "pattern"),
        (#"{"oneOf":[]}"#, "/oneOf", "oneOf"), (#"{"type":"text"}"#, "/type", "unknown"),
        (#"{"type":[]}"#, "/type", "no type"), (#"{"properties":[]}"#, "/properties", "no object"),
        (#"{"required":[1]}"#, "/required", "strings"), (#"{"enum":[]}"#, "/enum", "empty"),
        (#"{"minItems":-1}"#, "/minItems", "count"), (#"{"minLength":2,"maxLength":1}"#, "/maxLength", "less"),
        (#"{"minimum":"1"}"#, "/minimum", "number"), (#"{"items":[]}"#, "/items", "no schema"),
        (##"{"$ref":"#/$defs/x"}"##, "/$ref", "nothing"), (#"{"$ref":"http://x"}"#, "/$ref", "document"),
        (##"{"$ref":"#"}"##, "/", "itself"),
        (##"{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/a"}]}}}"##, "", "itself"),
        ("[", "/", "JSON"), ("1", "/", "no schema"),
    ])
    func schemasThatCannotBeAppliedAreRefused(json: String, pointer: String, word: String) {
        do throws(SchemaError) {
            _ = try CompiledSchema(json: json)
            Issue.record("accepted \(json)")
        } catch {
            #expect(error.description.hasPrefix(pointer), "\(error)")
            #expect(error.description.contains(word), "\(error)")
        }
    }
}
