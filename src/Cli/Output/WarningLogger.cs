using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Output;

/// <summary>Tells the libraries' warnings, one line each.</summary>
/// <param name="tell">Receives the lines.</param>
/// <param name="mostOfAKind">How many of a kind are told.</param>
internal sealed class WarningLogger(Action<string> tell, int mostOfAKind = int.MaxValue) : ILogger
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Of data sets, which may warn of every image, the first few of a kind.</summary>
    public static WarningLogger OfData(Action<string> tell) => new(tell, mostOfAKind: 5);

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
            if (count <= mostOfAKind) tell($"warning: {formatter(state, exception)}");
            if (count == mostOfAKind) tell("warning: more of this kind are not shown");
        }
    }
}
