using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Training;

/// <summary>Hands warnings and notes of the libraries to the display.</summary>
internal sealed class DisplayLogger(ITrainingDisplay display) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) display.Note($"{(logLevel >= LogLevel.Warning ? "warning: " : "")}{formatter(state, exception)}");
    }
}
