/// A named JSON Schema that an answer has to satisfy.
package struct OutputSchema: Sendable, Equatable {
    /// Name sent to the provider; the step kind.
    package var name: String
    /// The schema's JSON text, sent as it is.
    package var json: String

    /// Nothing is checked here; ``CompiledSchema`` does that.
    package init(name: String, json: String) {
        self.name = name
        self.json = json
    }
}
