import JSON

/// What a review says of one requirement, or of one earlier request.
struct ReviewedRequirement {
    var id: String
    /// `yes`, `partly` or `no`.
    var met: String
    var place = ""
}

extension JSONWriter {
    /// The `requirement_checks` of a review.
    mutating func requirementChecks(_ checks: [ReviewedRequirement]) {
        key("requirement_checks")
        beginArray()
        for check in checks {
            beginObject()
            field("id", check.id)
            field("met", check.met)
            field("place", check.place)
            endObject()
        }
        endArray()
    }
}
