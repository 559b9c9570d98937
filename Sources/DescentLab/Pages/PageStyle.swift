/// The look of the pages, light and dark.
enum PageStyle {
  /// The style sheet. The curves' colours are Okabe and Ito's, which people with any kind of colour vision can tell
  /// apart; on a dark page they are lighter.
  static let sheet = #"""
    :root {
      --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --grid: #e9edf1; --raised: #f6f8fa;
      --accent: #0969da; --low: #b9d3ec; --high: #fbfcfd; --contour: #8b98a5;
      --curve-0: #0072b2; --curve-1: #d55e00; --curve-2: #009e73; --curve-3: #cc79a7;
      --curve-4: #b8860b; --curve-5: #56b4e9; --curve-6: #4d4d4d; --curve-7: #8a5fbf;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --grid: #21262d; --raised: #151b23;
        --accent: #58a6ff; --low: #24507a; --high: #10161d; --contour: #5f6b78;
        --curve-0: #4aa8e0; --curve-1: #ff8c3a; --curve-2: #2fc99b; --curve-3: #e79ac6;
        --curve-4: #e6b422; --curve-5: #9ad8ff; --curve-6: #c0c7ce; --curve-7: #b794f6;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 1320px; padding: 20px 24px 48px; background: var(--paper); color: var(--ink);
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
    }
    h1 { font-size: 24px; margin: 0 0 4px; }
    h2 { font-size: 18px; margin: 32px 0 10px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
    h3 { font-size: 14px; margin: 0; font-weight: 600; }
    p { margin: 0 0 12px; color: var(--soft); }
    .table { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
    th, td { padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid var(--grid); white-space: nowrap; }
    .number { text-align: right; }
    th { color: var(--soft); font-weight: 600; }
    details { margin-top: 12px; }
    summary { cursor: pointer; color: var(--soft); }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 520px), 1fr)); gap: 20px; }
    .chart {
      position: relative; border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px 8px; min-width: 0;
    }
    .chart header { display: flex; gap: 10px; align-items: center; justify-content: space-between; min-height: 28px; }
    .chart canvas { display: block; width: 100%; touch-action: pan-y; cursor: crosshair; }
    button, select {
      font: inherit; font-size: 13px; color: var(--ink); background: var(--raised); border: 1px solid var(--line);
      border-radius: 6px; padding: 3px 10px; cursor: pointer;
    }
    button:hover, select:hover { border-color: var(--soft); }
    button[aria-pressed="true"] { border-color: var(--accent); color: var(--accent); }
    input[type="range"] { accent-color: var(--accent); }
    .bar { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin: 12px 0; }
    .bar label { display: flex; gap: 8px; align-items: center; color: var(--soft); font-size: 13px; }
    .legend { display: flex; flex-wrap: wrap; gap: 6px; }
    .legend button { display: flex; align-items: center; gap: 8px; }
    .legend button[aria-pressed="false"] { opacity: .45; text-decoration: line-through; }
    .legend button[aria-pressed="true"] { color: var(--ink); border-color: var(--line); }
    .legend canvas, .tip canvas { width: 26px; height: 10px; flex: none; }
    .tip {
      position: absolute; z-index: 2; pointer-events: none; background: var(--raised); border: 1px solid var(--line);
      border-radius: 6px; padding: 6px 10px; font-size: 12.5px; font-variant-numeric: tabular-nums; display: none;
      box-shadow: 0 2px 8px rgb(0 0 0 / .18); max-width: 92%; white-space: nowrap;
    }
    .tip div { display: flex; gap: 8px; align-items: center; }
    .tip b { margin-left: auto; padding-left: 10px; font-weight: 600; }
    .stage { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 20px; }
    .player input[type="range"] { flex: 1 1 240px; }
    .player output { min-width: 9em; font-variant-numeric: tabular-nums; }
    @media (max-width: 860px) { .stage { grid-template-columns: minmax(0, 1fr); } }
    """#
}
