import UTC

/// Names of a prefix, nine characters of time and eleven of chance, which sort as they were given.
///
/// New rows stand at the end of every index that begins with such a name, and rows of a month are a range of names. The
/// characters are base 32 in the digits `0-9a-v`, whose order as bytes is that of the numbers.
package enum TimedID {
    /// Characters after the time: 55 bits.
    static let keyLength = 11
    /// Of a time in milliseconds: 45 bits reach to the year 3084.
    private static let timeLength = 9
    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    /// A name of now, with a chance that nobody can guess.
    package static func make(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return start(prefix, at: Timestamp.now) + characters(of: generator.next(), count: keyLength)
    }

    /// What all names of a millisecond begin with.
    ///
    /// - Parameter time: in microseconds since 1970-01-01 UTC.
    package static func start(_ prefix: String, at time: Int) -> String {
        prefix + characters(of: UInt64(max(0, time)) / 1000, count: timeLength)
    }

    /// The lowest bits of a number.
    static func characters(of number: UInt64, count: Int) -> String {
        String(
            decoding: (0..<count).reversed().map { digits[Int(number >> UInt64($0 * 5) & 31)] }, as: UTF8.self)
    }
}
