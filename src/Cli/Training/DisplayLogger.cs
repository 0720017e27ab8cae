using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Training;

/// <summary>Hands the libraries' warnings to the display, which shows the rest of a run itself.</summary>
internal sealed class DisplayLogger(ITrainingDisplay display) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) display.Note($"warning: {formatter(state, exception)}");
    }
}
