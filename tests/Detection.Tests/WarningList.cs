using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Collects what a library warns of.</summary>
internal sealed class WarningList : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add(formatter(state, exception));
}
