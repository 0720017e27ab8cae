namespace IlgpuSpp.Reports;

/// <summary>
/// The shell of a report: one self-contained page with its style sheet, a heading, facts and titled sections.
/// The markup is both HTML and well-formed XML. A content security policy forbids loading anything and running scripts.
/// </summary>
/// <param name="title">The page's heading, also its title in the browser.</param>
internal sealed class HtmlPage(string title)
{
    private readonly List<Section> sections = [];

    /// <summary>Facts under the heading.</summary>
    public IReadOnlyList<NamedValue> Facts { get; init; } = [];

    /// <summary>A line at the end of the page.</summary>
    public string Footer { get; init; } = "";

    /// <summary>Appends a section; parts stand side by side where the page is wide enough.</summary>
    /// <param name="heading">The section's heading; empty for none.</param>
    /// <param name="parts">What it holds.</param>
    public void Add(string heading, params IHtmlPart[] parts) => sections.Add(new Section(heading, parts, null));

    /// <summary>Appends a section that is closed until the reader opens it.</summary>
    /// <param name="heading">The section's heading.</param>
    /// <param name="parts">What it holds.</param>
    public void AddFolded(string heading, params IHtmlPart[] parts) => sections.Add(new Section(heading, parts, heading));

    /// <summary>Writes the whole page.</summary>
    /// <returns>The page, from the document type to the end.</returns>
    public string Render()
    {
        var writer = new HtmlWriter();
        writer.Write($$"""
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <title>{{title}}</title>
            <style>
            {{new HtmlStyle()}}
            </style>
            </head>
            <body>
            <header>
            <h1>{{title}}</h1>
            """);
        if (Facts.Count > 0)
            writer.Write($"{new ValueList(Facts)}");
        writer.Write($"</header><main>");
        foreach (var section in sections)
            section.WriteTo(writer);
        writer.Write($"</main>");
        if (Footer.Length > 0)
            writer.Write($"<footer>{Footer}</footer>");
        writer.Write($"</body></html>");
        return writer.ToString();
    }

    private sealed record Section(string Heading, IHtmlPart[] Parts, string? Fold)
    {
        public void WriteTo(HtmlWriter writer)
        {
            writer.Write($"<section>");
            if (Fold is not null)
                writer.Write($"<details><summary>{Fold}</summary>");
            else if (Heading.Length > 0)
                writer.Write($"<h2>{Heading}</h2>");
            writer.Write($"<div class=\"parts{(Parts is [LineChart, LineChart, LineChart] ? " three" : "")}\">");
            foreach (var part in Parts)
                writer.Write($"{part}");
            writer.Write($"</div>");
            if (Fold is not null)
                writer.Write($"</details>");
            writer.Write($"</section>");
        }
    }
}

/// <summary>A piece of a page that writes itself.</summary>
internal interface IHtmlPart
{
    /// <summary>Writes the piece as well-formed markup, every element closed.</summary>
    /// <param name="writer">Where to.</param>
    void WriteTo(HtmlWriter writer);
}
