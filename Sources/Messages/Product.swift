/// What the product calls itself.
package enum Product {
    package static let name = "deadlined"
    package static let version = "0.1.0"
    package static let userAgent = "\(name)/\(version)"
}
