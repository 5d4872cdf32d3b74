import FleetCore
import Testing

@Suite struct Decimal6Tests {
    @Test func moneyIsExact() {
        #expect(Decimal6("0.1")?.millionths == 100_000)
        #expect(Decimal6("12.000001")?.description == "12.000001")
        #expect(Decimal6("1.0000001") == nil)
        #expect(Decimal6("-1") == nil)
        #expect(Decimal6("") == nil)
    }
}
