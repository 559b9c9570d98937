/// The release of this package.
public let descentVersion = "0.1.0"
