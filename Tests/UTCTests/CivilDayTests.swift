import Testing
import UTC

@Suite struct CivilDayTests {
    @Test(arguments: [
        (0, CivilDay(year: 1970, month: 1, day: 1)), (-1, CivilDay(year: 1969, month: 12, day: 31)),
        (11_016, CivilDay(year: 2000, month: 2, day: 29)), (11_017, CivilDay(year: 2000, month: 3, day: 1)),
        (-719_162, CivilDay(year: 1, month: 1, day: 1)), (-719_529, CivilDay(year: -1, month: 12, day: 31)),
        (2_932_896, CivilDay(year: 9999, month: 12, day: 31)),
    ])
    func knownDays(days: Int, date: CivilDay) {
        #expect(CivilDay(daysSince1970: days) == date)
        #expect(date.daysSince1970 == days)
    }

    /// Of two eras every day: one follows the other as calendars have them.
    @Test func everyDayFollowsTheOneBefore() {
        var before = CivilDay(year: 1599, month: 12, day: 31)
        for days in CivilDay(year: 1600, month: 1, day: 1)
            .daysSince1970..<CivilDay(year: 2400, month: 1, day: 1)
            .daysSince1970
        {
            let day = CivilDay(daysSince1970: days)
            #expect(day == Self.day(after: before))
            #expect(day.daysSince1970 == days)
            before = day
        }
    }

    private static func day(after date: CivilDay) -> CivilDay {
        let isLeap = date.year.isMultiple(of: 4) && (!date.year.isMultiple(of: 100) || date.year.isMultiple(of: 400))
        let last = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][date.month - 1]
        if date.day < last { return CivilDay(year: date.year, month: date.month, day: date.day + 1) }
        if date.month < 12 { return CivilDay(year: date.year, month: date.month + 1, day: 1) }
        return CivilDay(year: date.year + 1, month: 1, day: 1)
    }
}
