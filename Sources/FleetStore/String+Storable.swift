extension String {
    /// The text as PostgreSQL can hold it: NUL, which it cannot, becomes U+FFFD.
    var storable: String {
        utf8.contains(0) ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })) : self
    }
}
