using System.Diagnostics;
using IlgpuSpp.Detection;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Prints where a detector's training is on standard error: a line whenever something was measured or a stage ends, and every few seconds.</summary>
internal sealed class ProgressLines(bool quiet) : IProgress<DetectorProgress>
{
    private const double Interval = 5;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _last = double.NegativeInfinity;

    public void Report(DetectorProgress value)
    {
        double now = _clock.Elapsed.TotalSeconds;
        if (quiet || (now - _last < Interval && value.Done < value.Total && !value.Stage.StartsWith("fine", StringComparison.Ordinal))) return;
        _last = now;
        Console.Error.WriteLine(FormattableString.Invariant($"{now,6:0} s  {value.Stage} {value.Done}/{value.Total}{(value.Note.Length > 0 ? ": " + value.Note : "")}"));
    }
}
