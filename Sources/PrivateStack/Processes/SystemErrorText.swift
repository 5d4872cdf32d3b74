import Glibc

/// The operating system's text for an error number.
func systemErrorText(_ number: Int32) -> String {
    // `strerror` may share a buffer between threads; its `_r` form does not.
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
