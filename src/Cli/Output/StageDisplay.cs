using System.Diagnostics;

namespace IlgpuSpp.Cli.Output;

/// <summary>
/// Where a long piece of work is, on standard error: a bar in a terminal, elsewhere a line when a stage begins or ends
/// for the first time or has something to tell, and between at intervals that grow with the time gone.
/// </summary>
internal sealed class StageDisplay : IDisposable
{
    private const double ShortestInterval = 5, LongestInterval = 60, ShareOfTime = 0.05;
    private const int LongestBar = 40, ShortestBar = 8;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly bool _quiet;
    private readonly LivePanel? _panel;
    private readonly CancellationTokenRegistration _stopping;
    private readonly Lock _gate = new();
    private double _last = double.NegativeInfinity;
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal), _ended = new(StringComparer.Ordinal);

    /// <param name="quiet">Says nothing but notes.</param>
    /// <param name="interrupt">Tells that the work was asked to end.</param>
    public StageDisplay(bool quiet, CancellationToken interrupt)
    {
        _quiet = quiet;
        _panel = quiet ? null : LivePanel.TryOpen(Console.Error, Console.IsErrorRedirected);
        _stopping = interrupt.Register(() => Note("stopping, once more to end at once"));
    }

    /// <summary>Says where the work is.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="done">Pieces done.</param>
    /// <param name="total">Pieces of the stage; 0 where it is not known.</param>
    /// <param name="note">What there is to tell besides.</param>
    /// <param name="keep">Whether the line stays.</param>
    public void Report(string stage, int done = 0, int total = 0, string note = "", bool keep = false)
    {
        if (_quiet) return;
        lock (_gate)
        {
            double now = _clock.Elapsed.TotalSeconds;
            bool due = _begun.Add(stage) || keep || now - _last >= Math.Clamp(now * ShareOfTime, ShortestInterval, LongestInterval) || (total > 0 && done >= total && _ended.Add(stage));
            string count = total > 0 ? FormattableString.Invariant($" {done}/{total}") : "";
            string line = FormattableString.Invariant($"{now,6:0} s  {stage}{count}{(note.Length > 0 ? ": " + note : "")}");
            if (due) _last = now;
            if (_panel is null)
            {
                if (due) Say.Error(line);
                return;
            }
            if (keep) _panel.WriteAbove(line, Tint.Plain);
            _panel.Draw(columns => [Line(columns, stage, done, total, count, note, now)]);
        }
    }

    /// <summary>A line that is no progress.</summary>
    public void Note(string line)
    {
        if (_panel is null) Say.Error(line);
        else _panel.WriteAbove(line, Tint.Warning);
    }

    /// <summary>Removes the bar.</summary>
    public void Clear() => _panel?.Clear();

    public void Dispose()
    {
        _stopping.Dispose();
        Clear();
    }

    private Piece[] Line(int columns, string stage, int done, int total, string count, string note, double seconds)
    {
        string time = FormattableString.Invariant($"{seconds:0} s");
        int room = Math.Min(LongestBar, columns - stage.Length - count.Length - time.Length - note.Length - 6);
        if (room < ShortestBar) room = Math.Min(LongestBar, columns - stage.Length - count.Length - time.Length - 4);
        Piece[] bar = total > 0 && room >= ShortestBar ? [new Piece("  "), .. _panel!.Bar((double)done / total, room), new Piece(" ")] : [];
        return [new Piece(stage, Tint.Strong), .. bar, new Piece(count), new Piece("  " + time), new Piece(note.Length > 0 ? "  " + note : "", Tint.Faint)];
    }
}
