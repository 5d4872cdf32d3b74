/// One forward step of the schema. Numbers rise; an applied migration never changes.
struct Migration: Sendable {
    var number: Int
    var name: String
    var sql: String

    /// All of them, in order.
    static let all: [Migration] = [
        .initialSchema, .leanIndexes, .freeLedger, .wishes, .inputs, .statuses, .books, .admission,
    ]
}
