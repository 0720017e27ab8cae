using System.Text;
using Spectre.Console;

namespace IlgpuSpp.Cli.Output;

/// <summary>How a piece of a line looks.</summary>
internal enum Tint
{
    Plain,
    Strong,
    Done,
    Faint,
    Warning,
}

/// <summary>Text of one look.</summary>
internal readonly record struct Piece(string Text, Tint Tint = Tint.Plain);

/// <summary>
/// Some lines at the bottom of a terminal that are drawn over and over, while finished lines scroll by above them. Lines are
/// laid out for the terminal's present width and cut where they do not fit; after a resize the rows that the terminal has
/// made of them are cleared.
/// </summary>
/// <param name="writer">The terminal; receives escape sequences.</param>
/// <param name="width">Its present width in columns.</param>
/// <param name="colour">Whether text is coloured.</param>
/// <param name="unicode">Whether bars are drawn with lines instead of signs.</param>
internal sealed class LivePanel(TextWriter writer, Func<int> width, bool colour, bool unicode)
{
    private const string ClearLine = "\u001b[K", ClearBelow = "\u001b[J", Reset = "\u001b[0m";

    private readonly Lock _gate = new();
    private Func<int, IReadOnlyList<Piece[]>>? _layout;
    private int[] _drawn = [];
    private int _columns;
    private bool _gone;

    /// <summary>A panel on a stream of the process, or null where that is no terminal or knows no escape sequences.</summary>
    /// <param name="stream">Standard output or standard error.</param>
    /// <param name="isRedirected">Whether the stream goes to a file or another program.</param>
    public static LivePanel? TryOpen(TextWriter stream, bool isRedirected)
    {
        if (isRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb") return null;

        // Finds out what the terminal can do; on Windows it also switches escape sequences on.
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(stream) });
        Profile profile = console.Profile;
        if (!profile.Capabilities.Ansi) return null;
        return new LivePanel(stream, () => profile.Width, profile.Capabilities.ColorSystem != ColorSystem.NoColors, profile.Capabilities.Unicode);
    }

    /// <summary>Draws lines in the place of those there.</summary>
    /// <param name="layout">Gives the lines for a width.</param>
    public void Draw(Func<int, IReadOnlyList<Piece[]>> layout)
    {
        lock (_gate)
        {
            _layout = layout;
            Write(above: null, Tint.Plain);
        }
    }

    /// <summary>Draws the same lines for the terminal's present width.</summary>
    public void Redraw()
    {
        lock (_gate) Write(above: null, Tint.Plain);
    }

    /// <summary>Writes a finished line above the panel, in several where it is longer than the terminal is wide.</summary>
    public void WriteAbove(string line, Tint tint) => WriteAbove(_ => line, tint);

    /// <summary>Writes a finished line above the panel.</summary>
    /// <param name="layout">Gives the line for a width.</param>
    /// <param name="tint">Its look.</param>
    public void WriteAbove(Func<int, string> layout, Tint tint)
    {
        lock (_gate) Write(layout, tint);
    }

    /// <summary>Removes the panel.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _layout = null;
            Write(above: null, Tint.Plain);
        }
    }

    /// <summary>A bar of some columns.</summary>
    /// <param name="share">How much of it is done, 0 to 1.</param>
    /// <param name="columns">Its length.</param>
    public Piece[] Bar(double share, int columns)
    {
        int done = (int)(Math.Clamp(share, 0, 1) * columns);
        return [new Piece(new string(unicode ? '━' : '#', done), Tint.Done), new Piece(new string(unicode ? '━' : '-', columns - done), Tint.Faint)];
    }

    // One write a drawing, old lines overwritten and not cleared first, so that nothing flickers. After a resize they are
    // cleared: terminals wrap what has become too long and keep in mind that such rows belong together.
    private void Write(Func<int, string>? above, Tint tint)
    {
        if (_gone) return;
        int columns = Math.Max(2, width());
        var text = new StringBuilder();
        int rows = _drawn.Sum(length => Math.Max(1, (length + columns - 1) / columns));
        if (rows > 0) text.Append("\u001b[").Append(rows).Append("A\r");
        if (rows > 0 && columns != _columns) text.Append(ClearBelow);
        _columns = columns;
        if (above is not null)
        {
            text.Append(ClearBelow);
            foreach (string part in Wrapped(Printable.Line(above(columns - 1)), columns - 1))
            {
                Append(text, new Piece(part, tint));
                text.Append('\n');
            }
        }
        IReadOnlyList<Piece[]> lines = _layout?.Invoke(columns - 1) ?? [];
        var drawn = new int[lines.Count];
        for (int i = 0; i < lines.Count; i++)
        {
            foreach (Piece piece in lines[i])
            {
                string shown = Printable.Line(piece.Text), part = shown[..Math.Min(shown.Length, columns - 1 - drawn[i])];
                if (part.Length > 0) Append(text, piece with { Text = part });
                drawn[i] += part.Length;
            }
            text.Append(ClearLine).Append('\n');
        }
        if (rows > 0 || lines.Count > 0) text.Append(ClearBelow);
        _drawn = drawn;
        try
        {
            writer.Write(text.ToString());
            writer.Flush();
        }
        catch (IOException)
        {
            // The terminal is closed: the work goes on to its end or its last save without it.
            _gone = true;
        }
    }

    // Broken at spaces; a longer word, such as a path, stays whole so that it can be copied.
    private static IEnumerable<string> Wrapped(string line, int columns)
    {
        while (line.Length > columns)
        {
            int cut = line.LastIndexOf(' ', columns);
            if (cut <= 0) cut = line.IndexOf(' ', columns);
            if (cut < 0) break;
            yield return line[..cut];
            line = line[(cut + 1)..];
        }
        yield return line;
    }

    private void Append(StringBuilder text, Piece piece)
    {
        string code = !colour ? "" : piece.Tint switch
        {
            Tint.Strong => "\u001b[1m",
            Tint.Done => "\u001b[32m",
            Tint.Faint => "\u001b[90m",
            Tint.Warning => "\u001b[33m",
            _ => "",
        };
        text.Append(code).Append(piece.Text);
        if (code.Length > 0) text.Append(Reset);
    }
}
