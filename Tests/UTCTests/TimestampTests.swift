import Testing
import UTC

@Suite struct TimestampTests {
    @Test func timesAreWrittenAsTheApiShowsThem() {
        #expect(Timestamp.iso8601(microseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.iso8601(microseconds: 1_795_341_600_000_001) == "2026-11-22T10:00:00.000001Z")
        #expect(Timestamp.iso8601(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp.day(microseconds: 951_782_400_000_000) == "2000-02-29")
        #expect(Timestamp.day(microseconds: -1) == "1969-12-31")
    }

    @Test func fractionsAreCutOffNotRounded() {
        let time = 1_795_341_600_123_999
        #expect(Timestamp.iso8601(microseconds: time, fraction: .none) == "2026-11-22T10:00:00Z")
        #expect(Timestamp.iso8601(microseconds: time, fraction: .milliseconds) == "2026-11-22T10:00:00.123Z")
        #expect(Timestamp.iso8601(microseconds: time, fraction: .microseconds) == "2026-11-22T10:00:00.123999Z")
        #expect(Timestamp.iso8601(microseconds: 0, fraction: .microseconds) == "1970-01-01T00:00:00.000000Z")
    }

    @Test func timesBeyondTheFourDigitsOfAYearAreNotCutToThem() {
        #expect(Timestamp.iso8601(microseconds: 253_402_300_800_000_000) == "10000-01-01T00:00:00Z")
        #expect(Timestamp.iso8601(microseconds: .max) == "294247-01-10T04:00:54.775807Z")
        #expect(Timestamp.iso8601(microseconds: .min) == "-290308-12-21T19:59:05.224192Z")
    }
}
