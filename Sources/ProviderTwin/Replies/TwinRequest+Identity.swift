extension TwinRequest {
    /// An id like `resp_` and 32 digits, drawn from the request.
    func identifier(_ prefix: String) -> String {
        prefix + StableHash.of(digest, prefix, "a").hexadecimal + StableHash.of(digest, prefix, "b").hexadecimal
    }

    /// A moment in the last quarter of 2026, drawn from the request, in seconds since 1970.
    var createdSeconds: Int { 1_793_000_000 + Int(StableHash.of(digest, "created") % 1_000_000) }

    /// A hash of the texts alone, the same whichever API they came through.
    func textDigest(seed: UInt64) -> UInt64 {
        var hash = StableHash(seed)
        hash.combine(system)
        hash.combine(prompt)
        return hash.value
    }
}
