/// What an earlier review asked for.
struct Feedback {
    var text: String
    var requests: [(id: String, text: String)]

    init?(_ section: ShownSection?) {
        guard let section else { return nil }
        text = section.text
        requests = section.children("request").enumerated().map { index, element in
            (element["id"] ?? "Q\(index + 1)", element.text)
        }
    }
}
