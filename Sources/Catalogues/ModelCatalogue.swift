package import FleetCore

/// The models that may be called: data, changed without a release.
package struct ModelCatalogue: Sendable {
    /// In the file's order.
    package let models: [ModelSpec]
    /// What is known about providers' bills for calls that fail.
    package let billing: BillingRules
    private let byName: [String: ModelSpec]

    /// - Precondition: names are unique; ``load(path:)`` has checked that.
    package init(models: [ModelSpec], billing: BillingRules = BillingRules()) {
        self.models = models
        self.billing = billing
        byName = Dictionary(models.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// By name in the catalogue, not by the provider's id; nil if it has none of that name.
    package subscript(name: String) -> ModelSpec? { byName[name] }

    /// Reads a YAML file.
    ///
    /// - Throws: a ``ModelCatalogueError`` that names file, line, model, field and what is allowed there.
    package static func load(path: String) throws(ModelCatalogueError) -> ModelCatalogue {
        let text: String
        do {
            text = try TextFile.read(path)
        } catch {
            throw ModelCatalogueError(
                file: path, line: nil, model: nil, field: "", problem: error.text, allowed: "a UTF-8 text file")
        }
        return try parse(text, file: path)
    }

    /// Reads YAML text; `file` appears in errors.
    package static func parse(_ yaml: String, file: String) throws(ModelCatalogueError) -> ModelCatalogue {
        let (models, billing) = try ModelCatalogueReader(file: file).read(yaml)
        return ModelCatalogue(models: models, billing: billing)
    }
}
