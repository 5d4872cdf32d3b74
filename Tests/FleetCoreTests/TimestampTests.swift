import FleetCore
import Testing

@Suite struct TimestampTests {
    @Test func timesAreWrittenAsTheApiShowsThem() {
        #expect(Timestamp.iso8601(microseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.iso8601(microseconds: 1_795_341_600_000_001) == "2026-11-22T10:00:00.000001Z")
        #expect(Timestamp.iso8601(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp.day(microseconds: 951_782_400_000_000) == "2000-02-29")
    }
}
