import AGSLib

extension Progress {
  /// Shows one event of an image build.
  func show(_ event: ImageBuildEvent) {
    switch event {
    case .began(let activity): begin(Self.title(of: activity))
    case .step(let step):
      let part = step.stageCount > 1 ? "part \(step.stage) of \(step.stageCount), " : ""
      update(
        fraction: step.fraction,
        detail: "\(part)step \(step.number) of \(step.count): \(step.instruction)", isStep: true)
    case .line(let line): update(fraction: nil, detail: line, isStep: false)
    case .warning(let text): note(style.warning(text))
    }
  }

  private static func title(of activity: ImageBuildActivity) -> String {
    switch activity {
    case .pullingBase(let name): "pulling \(name)"
    case .bootstrappingBase(let mirror?): "making a base image from \(mirror)"
    case .bootstrappingBase(nil): "making a base image from Debian's servers"
    case .building(let stage): "building the image (\(stage.rawValue))"
    case .checking: "looking into the image"
    case .warming: "preparing the image for your user"
    }
  }
}
