/// The scripts and the style sheet of the pages. They are the files in the folder `Scripts`, whose bytes SwiftPM compiles
/// into the module: the program needs no file beside it.
///
/// A page contains them as they are. What a file is for is therefore written here, not in a comment at its top.
enum PageFiles {
  /// The look of the pages, light and dark. The curves' colours are Okabe and Ito's, which people with any kind of
  /// colour vision can tell apart; on a dark page they are lighter.
  static let style = text(PackageResources.page_css)

  /// What all pages share: ``tools``, ``chart`` and ``pointer``.
  static let shared = [tools, chart, pointer]
  /// The script of the page of a report.
  static let report = text(PackageResources.report_js)
  /// The scripts of the page of a trace, which plays paths over contours step by step.
  static let trace = [plane, ground, player]

  /// Colours, numbers, ticks and legends.
  private static let tools = text(PackageResources.tools_js)
  /// A chart of curves. It shows the values at the cursor, zooms by dragging, and has a button for a logarithmic axis.
  ///
  /// A series is {name, group, x, y, low, high}. The group decides its colour. If `low` and `high` are given, the area
  /// between them is drawn.
  private static let chart = text(PackageResources.chart_js)
  /// How a chart reacts to the pointer: it shows the values at the cursor, and zooms.
  private static let pointer = text(PackageResources.pointer_js)
  /// The function over the plane with the paths on it.
  private static let plane = text(PackageResources.plane_js)
  /// The shaded ground under the paths, drawn once for each size and theme.
  private static let ground = text(PackageResources.ground_js)
  /// The controls that play the paths.
  private static let player = text(PackageResources.player_js)

  /// A file's text without the line end at its end.
  private static func text(_ file: [UInt8]) -> String {
    String(decoding: file.last == UInt8(ascii: "\n") ? file.dropLast() : file[...], as: UTF8.self)
  }
}
