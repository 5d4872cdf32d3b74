internal import FleetCore

/// Reads the list `billing` of a model catalogue.
struct BillingRuleReader {
    func read(_ entries: [CatalogueFields]) throws(ModelCatalogueError) -> BillingRules {
        var rules: [BillingRule] = []
        for entry in entries { rules.append(try rule(entry)) }
        return BillingRules(rules)
    }

    private func rule(_ entry: CatalogueFields) throws(ModelCatalogueError) -> BillingRule {
        try entry.allow(["provider", "api", "failure", "status", "before_output", "billed", "source", "date"])
        var rule = BillingRule(
            provider: try entry.choice("provider", ["openai", "anthropic"]),
            billed: Billed(rawValue: try entry.choice("billed", Billed.allCases.map(\.rawValue))) ?? .unknown,
            source: try entry.words("source"), date: try entry.day("date"))
        if entry.has("api") {
            rule.api = ModelSpec.API(rawValue: try entry.choice("api", ModelSpec.API.allCases.map(\.rawValue)))
        }
        if entry.has("failure") {
            let codes = ModelFailure.Code.allCases.map(\.rawValue)
            rule.failure = ModelFailure.Code(rawValue: try entry.choice("failure", codes))
        }
        if entry.has("status") {
            rule.status = try entry.count("status")
            guard let status = rule.status, 200...599 ~= status else {
                throw entry.error("status", "is no HTTP status", "a whole number from 200 to 599")
            }
        }
        if entry.has("before_output") { rule.isBeforeOutput = try entry.flag("before_output") }
        guard rule.failure != nil || rule.status != nil else {
            throw entry.error("failure", "is missing, and so is status", "a failure, a status, or both")
        }
        return rule
    }
}
