public import SystemPackage

/// A program on the host: a path, or a bare name that is looked up in `PATH`.
public enum HostProgram: Sendable, Equatable, CustomStringConvertible {
  case path(FilePath)
  case name(String)

  public var description: String {
    switch self {
    case .path(let path): path.string
    case .name(let name): name
    }
  }
}

/// A command line on the host: argv without a shell.
public struct HostCommand: Sendable, Equatable {
  public var program: HostProgram
  public var arguments: [String]

  public init(program: HostProgram, arguments: [String] = []) {
    self.program = program
    self.arguments = arguments
  }
}
