/// What is wrong in a model catalogue, and what would be right.
package struct ModelCatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As the caller named it.
    package let file: String
    /// Line in the file, from 1, if known.
    package let line: Int?
    /// Name of the model, if the problem is inside one that has a name.
    package let model: String?
    /// The field, such as `prices[1].input`; empty for the file itself.
    package let field: String
    /// Goes on from the field: `is missing`.
    package let problem: String
    /// Values, a range or an example.
    package let allowed: String

    /// What else is wrong in the file.
    package private(set) var others: [ModelCatalogueError] = []

    init(file: String, line: Int?, model: String?, field: String, problem: String, allowed: String) {
        self.file = file
        self.line = line
        self.model = model
        self.field = field
        self.problem = problem
        self.allowed = allowed
    }

    func with(others: [ModelCatalogueError]) -> ModelCatalogueError {
        var error = self
        error.others = others
        return error
    }

    /// One line: `file:line: model name, field: problem, allowed: what`, and the same for others up to ten.
    package var description: String {
        let more = others.count > 9 ? "; and \(others.count - 9) more" : ""
        return ([text] + others.prefix(9).map(\.text)).joined(separator: "; ") + more
    }

    private var text: String {
        let place = line.map { "\(file):\($0)" } ?? file
        let parts = [model.map { "model \($0)" }, field.isEmpty ? nil : field].compactMap { $0 }
        return "\(place): \(parts.isEmpty ? "" : parts.joined(separator: ", ") + ": ")\(problem), allowed: \(allowed)"
    }
}
