import DescentProblems

/// The results of a trace: a table of the methods' last points, a figure of their paths, and a page that plays them.
public struct TraceReport: Sendable {
  public let trace: Trace

  public init(_ trace: Trace) { self.trace = trace }

  private var problem: any Problem { trace.problem }

  /// A table of each path's last point and of the lowest of its kept points. Paths of up to 500 steps keep all points.
  public var table: Table {
    let isKnown = problem.minimum != nil
    var table = Table(
      header: ["optimizer", "steps", "f(x)", "lowest f(x)", "at step"] + (isKnown ? ["distance"] : []) + ["x"])
    for path in trace.paths {
      guard let last = path.minimization.points.last,
        let lowest = path.minimization.points.min(by: { $0.value < $1.value })
      else { continue }
      table.add(
        [
          Self.label(of: path), last.step.grouped, significant(last.value, digits: 6),
          significant(lowest.value, digits: 6),
          lowest.step.grouped,
        ] + (isKnown ? [last.distance.map { significant($0, digits: 4) } ?? "–"] : []) + [pointText(last.x)])
    }
    return table
  }

  /// The path's name, and whether it ended early.
  private static func label(of path: Trace.Path) -> String {
    path.minimization.failure == nil ? path.name : "\(path.name) (diverges)"
  }

  /// One line for each path that ended early, with the reason.
  public var notes: [String] {
    trace.paths.compactMap { path in path.minimization.failure.map { "\(path.name): \($0)" } }
  }

  /// The paths over the function's contours.
  public var figure: ContourFigure {
    ContourFigure(
      title: trace.title, function: { [problem] in problem.evaluate(at: [$0, $1]).value },
      region: (problem.region[0], problem.region[1]),
      paths: trace.paths.map { path in
        Figure.Curve(Self.label(of: path), points: path.minimization.points.map { ($0.x[0], $0.x[1]) })
      }, marks: problem.minimizers.map { ($0[0], $0[1]) })
  }

  /// A page in one file that plays the paths.
  /// - Throws: ``FigureError/nothingToDraw(_:)``.
  public func page() throws(FigureError) -> String {
    let data = try data()
    let title = "Paths on \(trace.title)"
    let start = pointText(trace.paths.first?.minimization.points.first?.x ?? [])
    let body = """
      <h1>\(Page.escaped(title))</h1>
      <p>From \(Page.escaped(start)) (circle); stars mark known minimizers. Hover for values, drag in the chart to zoom.</p>
      <div class="bar player">
      <button type="button" id="play">Play</button>
      <button type="button" id="reset">Reset</button>
      <input type="range" id="step" min="0" max="\(data.steps)" value="\(data.steps)" aria-label="Step">
      <output id="now"></output>
      <label>speed <select id="speed"><option>0.25</option><option>0.5</option><option selected>1</option>\
      <option>2</option><option>4</option></select></label>
      </div>
      <div class="bar legend" id="legend"></div>
      <div class="stage"><div id="plane"></div><div id="values"></div></div>
      \(notes.map { "<p>\(Page.escaped($0))</p>" }.joined(separator: "\n"))
      <h2>Where they ended</h2>
      \(Page.html(table))
      """
    return Page(title: title, body: body, data: data, script: PageFiles.trace.joined(separator: "\n")).html
  }

  private func data() throws(FigureError) -> TraceData {
    let figure = figure
    let points = trace.paths.flatMap { path in path.minimization.points.map { (x: $0.x[0], y: $0.x[1]) } }
    guard !points.isEmpty, let grid = ContourGrid(of: figure.function, over: figure.region, including: points) else {
      throw .nothingToDraw(trace.title)
    }
    func inside(_ point: (x: Double, y: Double)) -> Bool { grid.x.contains(point.x) && grid.y.contains(point.y) }
    return TraceData(
      problem: trace.title, steps: trace.request.minimization.steps, minimum: problem.minimum,
      x: [grid.x.lowerBound, grid.x.upperBound], y: [grid.y.lowerBound, grid.y.upperBound],
      heights: grid.heights.map { column in column.map { $0.flatMap { Page.number($0, digits: 4) } } },
      levels: grid.levels(20).compactMap { Page.number($0) },
      minimizers: figure.marks.filter(inside).map { [$0.x, $0.y] },
      paths: trace.paths.filter { !$0.minimization.points.isEmpty }.map { path in
        let points = path.minimization.points
        return TraceData.Path(
          name: Self.label(of: path), step: points.map(\.step), x: points.map { Page.number($0.x[0], digits: 8) ?? 0 },
          y: points.map { Page.number($0.x[1], digits: 8) ?? 0 }, f: points.map { $0.value })
      })
  }
}

/// The data on the page of a trace.
struct TraceData: Codable, Hashable {
  struct Path: Codable, Hashable {
    var name: String
    /// The steps after which the points are known, in ascending order.
    var step: [Int]
    var x, y, f: [Double]
  }

  var problem: String
  var steps: Int
  var minimum: Double?
  /// The ends of the x and of the y range that is shown.
  var x, y: [Double]
  /// The function less its least value here, at each x and y of a grid.
  var heights: [[Double?]]
  /// The heights of the contours.
  var levels: [Double]
  var minimizers: [[Double]]
  var paths: [Path]

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(problem, forKey: .problem)
    try container.encode(steps, forKey: .steps)
    // A missing minimum is written as null, because the scripts read it.
    try container.encode(minimum, forKey: .minimum)
    try container.encode(x, forKey: .x)
    try container.encode(y, forKey: .y)
    try container.encode(heights, forKey: .heights)
    try container.encode(levels, forKey: .levels)
    try container.encode(minimizers, forKey: .minimizers)
    try container.encode(paths, forKey: .paths)
  }
}
