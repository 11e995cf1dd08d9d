import Messages

/// Judges the addresses that one transfer's connections lead to, as they are used: a name that leads elsewhere the next
/// time it is looked up gains nothing.
struct Egress {
    let allowed: [Network]
    /// Whoever runs the service named that address: a proxy's of the environment, or a Unix socket's. Proxies stand in
    /// private networks; where a request goes from there is the proxy's to judge.
    let isTrusted: Bool

    /// Why the host cannot be reached: set where it has addresses, and none of them may be connected to.
    private(set) var refusal: String?
    private var hasAdmitted = false

    init(allowed: [Network], isTrusted: Bool) {
        self.allowed = allowed
        self.isTrusted = isTrusted
    }

    /// Whether an address may be connected to. Nil stands for one that is no IP address.
    mutating func admits(_ address: IPAddress?) -> Bool {
        if !isTrusted {
            guard let address else { return false }
            if let range = address.refusal(allowing: allowed) {
                // Of a name's several addresses, a failure of one that is allowed tells more.
                if refusal == nil, !hasAdmitted {
                    refusal =
                        "the host's address \(address) is in \(range.network) (\(range.purpose)), "
                        + "which 'allow_networks' does not allow"
                }
                return false
            }
        }
        hasAdmitted = true
        refusal = nil
        return true
    }
}
