/// One forward step of the schema: a file of this folder. Numbers rise; one that was released never changes.
struct Migration: Sendable {
    var number: Int
    /// The file's, without its ending. It is recorded with the number, and tells whose number that is.
    var name: String
    var sql: String

    /// All of them, in order.
    static let all = [
        Migration(
            number: 1, name: "0001-initial-schema",
            sql: String(decoding: PackageResources._001_initial_schema_sql, as: UTF8.self)),
        Migration(
            number: 2, name: "0002-operations",
            sql: String(decoding: PackageResources._002_operations_sql, as: UTF8.self)),
        Migration(
            number: 3, name: "0003-batches",
            sql: String(decoding: PackageResources._003_batches_sql, as: UTF8.self)),
        Migration(
            number: 4, name: "0004-health",
            sql: String(decoding: PackageResources._004_health_sql, as: UTF8.self)),
        Migration(
            number: 5, name: "0005-lean-rows",
            sql: String(decoding: PackageResources._005_lean_rows_sql, as: UTF8.self)),
        Migration(
            number: 6, name: "0006-limit-waits",
            sql: String(decoding: PackageResources._006_limit_waits_sql, as: UTF8.self)),
    ]
}
