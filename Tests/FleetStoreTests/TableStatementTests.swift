import FleetCore
import PostgresClient
import Testing

@testable import FleetStore

struct TableStatementTests {
    private typealias Row = (id: Int, name: String?)

    @Test func namesTypesAndValuesComeFromOneList() {
        let table = ParameterTable<Row>(
            from: 3,
            [.int8("id", \.id), .text("name", \.name), .int4("small", \.id), .strings("names") { [$0.name ?? ""] }])
        #expect("\(table)" == "unnest($3::int8[], $4::text[], $5::int4[], $6::jsonb[]) AS v (id, name, small, names)")
        #expect(table.parameter() == "$7" && table.parameter(2) == "$8")
        #expect(
            table.values(of: [(1, "a"), (1 << 40, nil)]) == [
                .int8Array([1, 1 << 40]), .textArray(["a", nil]), .int4Array([1, .max]),
                .jsonbArray([#"["a"]"#, #"[""]"#]),
            ])
    }

    @Test func otherParametersFollowTheTable() {
        let statement = TableStatement<Row>("test_table", [.int8("id", \.id), .text("name", \.name)]) { v in
            "SELECT id + \(v.parameter()) FROM \(v)"
        }
        let (sent, values) = statement([(1, "a")], .int8(7))
        #expect(sent.sql == "SELECT id + $3 FROM unnest($1::int8[], $2::text[]) AS v (id, name)")
        #expect(values == [.int8Array([1]), .textArray(["a"]), .int8(7)])
    }

    @Test func aSettlementSendsWhatItsStatementNames() {
        let values = SettlementWriter([]).parameters(worker: 5)
        #expect(SettlementWriter.worker == "$\(values.count)" && values.last == .int8(5))
        let sql = PostgresStepStore.SettleStatements.settle.sql
        for number in 1...values.count { #expect(sql.contains("$\(number)"), "\(number)") }
        #expect(!sql.contains("$\(values.count + 1)"))
    }
}
