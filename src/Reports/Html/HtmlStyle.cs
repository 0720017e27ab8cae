namespace IlgpuSpp.Reports;

/// <summary>The style sheet of every report: light and dark, paper, wide and narrow. It names no font or file from elsewhere.</summary>
internal sealed class HtmlStyle : IHtmlPart
{
    // No less-than sign or ampersand below: the text must read the same as HTML and as XML.
    public void WriteTo(HtmlWriter writer) => writer.Write($$"""
        :root {
          --page: #f5f6f8; --card: #ffffff; --ink: #1b2430; --soft: #5a6675; --line: #dbe0e6; --grid: #e9ecf0; --track: #eceff3;
          --s0: #0399d8; --s1: #db740b; --s2: #15504a; --s3: #7e39eb; --s4: #753704; --s5: #150037;
          --hit: 31 111 180; --miss: 214 69 33; --right: #1d7a44; --wrong: #c22f1c; --fill: #d7e6f4; --fill-wrong: #f8dcd5;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #12161c; --card: #1a2028; --ink: #e3e8ee; --soft: #9aa6b4; --line: #2f3843; --grid: #27303a; --track: #27303a;
            --s0: #00a3ff; --s1: #e68a00; --s2: #defffc; --s3: #965d8b; --s4: #fdd196; --s5: #587742;
            --hit: 52 124 194; --miss: 214 82 48; --right: #62c98d; --wrong: #ff8a73; --fill: #24425e; --fill-wrong: #5a2c24;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 28px 20px 40px; max-width: 1200px; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        h1 { margin: 0 0 14px; font-size: 26px; line-height: 1.2; overflow-wrap: anywhere; }
        h2 { margin: 30px 0 10px; font-size: 18px; }
        ul { margin: 0; padding: 0; list-style: none; }
        figure, p, dl, dd { margin: 0; }
        footer { margin-top: 30px; color: var(--soft); font-size: 13px; }
        summary { cursor: pointer; color: var(--soft); }
        section > details > summary { margin: 26px 0 10px; font-size: 18px; font-weight: 600; color: var(--ink); }
        .parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 14px; align-items: start; }
        section > .parts:first-child { margin-top: 14px; }
        .parts.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
        .parts > * { min-width: 0; }
        .parts > .tiles, .parts > .notes, .parts > .values, .parts > .scroll, .parts > .span { grid-column: 1 / -1; }
        figure, .parts > .values, .parts > .scroll, .notes { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
        figcaption { font-weight: 600; margin-bottom: 6px; }
        .hint { color: var(--soft); font-size: 13px; margin-bottom: 8px; }
        .scroll { overflow-x: auto; }

        .values { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 4px 28px; font-size: 14px; }
        .values > div { display: flex; gap: 10px; min-width: 0; }
        .values dt { color: var(--soft); flex: none; max-width: 60%; }
        .values dd { overflow-wrap: anywhere; min-width: 0; }

        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
        .tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; min-width: 0; }
        .tiles span { display: block; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        .tiles strong { display: block; font-size: 26px; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; }

        .command { grid-column: 1 / -1; margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }

        .notes { border-left: 4px solid var(--s1); font-size: 14px; }
        .notes li { overflow-wrap: anywhere; padding: 2px 0; unicode-bidi: isolate; }

        .chart svg { display: block; width: 100%; height: auto; }
        .chart text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .chart text.y, .chart text.before { text-anchor: end; }
        .chart text.x { text-anchor: middle; }
        .chart line { stroke-width: 1; }
        .chart .grid { stroke: var(--grid); }
        .chart .base, .chart .tick { stroke: var(--soft); }
        .chart .axes .highlight { stroke: var(--soft); stroke-dasharray: 2 3; }
        .chart .axes text.highlight { stroke: none; }
        .chart .series { stroke: var(--c); color: var(--c); }
        .chart .series polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .chart .dashed polyline, .chart .dashed line { stroke-dasharray: 5 4; }
        .chart .full { fill: currentColor; stroke: none; }
        .chart .open { fill: var(--card); stroke: currentColor; stroke-width: 1.5; }
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
        .chart .columns rect { fill: transparent; }
        .chart .columns line { stroke: var(--soft); opacity: 0; pointer-events: none; }
        .chart .columns g:hover line { opacity: 0.6; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; margin-bottom: 6px; }
        .legend li { display: flex; align-items: center; gap: 6px; color: var(--soft); }
        .legend svg.key { width: 24px; height: 12px; flex: none; }
        .legend svg.key line { stroke-width: 2.5; }
        .legend svg.marker { width: 12px; }

        .confusion table { border-collapse: separate; border-spacing: 2px; font-size: 13px; font-variant-numeric: tabular-nums; }
        .confusion tbody th { position: sticky; left: 0; background: var(--card); text-align: right; font-weight: 400; padding-right: 6px; max-width: 130px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
        .confusion .wide thead th, .confusion .medium thead th, .confusion .dense thead th { vertical-align: bottom; font-weight: 400; padding: 0 0 4px; }
        .confusion thead th span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 120px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .confusion .wide td, .confusion .medium td, .confusion .dense td { text-align: center; padding: 0; border-radius: 3px; background: var(--track); }
        .confusion .wide thead td, .confusion .medium thead td, .confusion .dense thead td { background: none; }
        .confusion .wide tbody td { min-width: 36px; height: 32px; }
        .confusion .medium { font-size: 12px; } .confusion .medium tbody td { min-width: 29px; height: 25px; }
        .confusion .dense { font-size: 10px; border-spacing: 1px; } .confusion .dense tbody td { min-width: 22px; height: 19px; border-radius: 2px; }
        .confusion td.hit { background: rgb(var(--hit) / var(--shade)); }
        .confusion td.miss { background: rgb(var(--miss) / var(--shade)); }
        .confusion td.strong { color: #ffffff; }

        .data { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
        .data th { text-align: left; font-weight: 600; color: var(--soft); white-space: nowrap; vertical-align: bottom; }
        .data th, .data td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid); }
        .data td { overflow-wrap: break-word; max-width: 260px; unicode-bidi: isolate; }
        .data .marked td { font-weight: 650; background: var(--fill); }

        .bars li { display: grid; grid-template-columns: minmax(70px, 26%) 1fr 52px 104px; gap: 10px; align-items: center; font-size: 13px; padding: 3px 0; font-variant-numeric: tabular-nums; }
        .bars.span ul { columns: 440px; column-gap: 40px; }
        .bars.span li { break-inside: avoid; }
        .bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
        .bars .track { background: var(--track); border-radius: 3px; height: 14px; overflow: hidden; }
        .bars .bar { display: block; height: 100%; background: var(--s0); }
        .bars .value { text-align: right; }
        .bars .detail { color: var(--soft); white-space: nowrap; }

        .pictures { grid-column: 1 / -1; }
        .pictures.half { grid-column: auto; }
        .pictures h3 { margin: 0 0 4px; font-size: 15px; }
        .pictures .none { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; color: var(--soft); }
        .half .images { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
        .large .images { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); align-items: start; }
        .large .images .shot { height: auto; }
        .large .images img { height: auto; max-height: 440px; }
        details .large .images img { max-height: none; }
        .scale { display: block; margin-bottom: 10px; font-size: 13px; color: var(--soft); }
        .scale svg { display: block; width: min(100%, 420px); height: 14px; border-radius: 3px; }
        .scale div { display: flex; justify-content: space-between; width: min(100%, 420px); }
        .images { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 12px; }
        .images > li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; min-width: 0; break-inside: avoid; }
        .images > li.wrong { border: 2px solid var(--wrong); }
        .images .shot { height: 150px; background: var(--track); display: flex; align-items: center; justify-content: center; color: var(--soft); font-size: 13px; }
        .images img { width: 100%; height: 100%; object-fit: contain; }
        .images .title { display: flex; justify-content: space-between; gap: 8px; padding: 8px 10px 4px; font-weight: 600; font-size: 14px; }
        .images .title span:first-child { overflow-wrap: anywhere; min-width: 0; unicode-bidi: isolate; }
        .images .mark { flex: none; font-size: 12px; line-height: 20px; color: var(--right); }
        .images .wrong .mark, .images .missed .mark { color: var(--wrong); }
        .guesses { padding: 0 10px; font-size: 13px; font-variant-numeric: tabular-nums; }
        .guesses li { position: relative; display: flex; justify-content: space-between; gap: 8px; padding: 1px 6px; margin: 2px 0; border-radius: 3px; overflow: hidden; background: var(--track); }
        .guesses .fill { position: absolute; left: 0; top: 0; bottom: 0; background: var(--fill); }
        .images .wrong .guesses li:first-child .fill { background: var(--fill-wrong); }
        .guesses .name, .guesses .value { position: relative; }
        .guesses .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
        .images .caption { padding: 4px 10px 8px; font-size: 12px; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

        @media (max-width: 600px) {
          body { padding: 18px 12px 30px; }
          h1 { font-size: 22px; }
          .tiles { grid-template-columns: repeat(2, 1fr); gap: 10px; }
          .tiles strong { font-size: 21px; }
          figure, .parts > .values, .parts > .scroll, .notes { padding: 12px; }
          .tiles li:last-child:nth-child(odd) { grid-column: 1 / -1; }
          .chart text { font-size: 17px; }
          .three .chart text { font-size: 13px; }
          .chart .series polyline { stroke-width: 2.6; }
          .bars li { grid-template-columns: 27% 1fr 46px 92px; gap: 8px; }
          .images, .half .images { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; }
          .large .images { grid-template-columns: 1fr; }
          .images .shot { height: 120px; }
          .large .images .shot { height: auto; }
        }
        @media print {
          :root { --page: #ffffff; }
          body { max-width: none; padding: 0; font-size: 12px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          figure, .tiles li, .images > li { break-inside: avoid; }
          h2 { break-after: avoid; }
          .parts { grid-template-columns: 1fr 1fr; }
          .parts > .confusion, .parts > .bars { grid-column: 1 / -1; }
          .tiles strong { font-size: 20px; }
          .scroll { overflow: visible; }
          .confusion .medium { font-size: 9px; } .confusion .medium tbody td { min-width: 18px; height: 18px; }
          .confusion .dense { font-size: 7px; } .confusion .dense tbody td { min-width: 13px; height: 13px; }
        }
        """);
}
