using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Detection;

/// <summary>Writes the libraries' warnings to standard error, one line each; the first few of a kind only.</summary>
/// <param name="display">Where a bar may stand in the way of the lines.</param>
internal sealed class StandardErrorLogger(StageDisplay? display = null) : ILogger
{
    private const int MostOfAKind = 5;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string kind = state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } values ? values[^1].Value?.ToString() ?? "" : "";
        lock (_counts)
        {
            int count = _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            if (count <= MostOfAKind) Tell($"warning: {formatter(state, exception)}");
            if (count == MostOfAKind) Tell("warning: more of this kind are not shown");
        }
    }

    private void Tell(string line)
    {
        if (display is null) Console.Error.WriteLine(line);
        else display.Note(line);
    }
}
