using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Output;

/// <summary>Writes warnings of the libraries as lines on standard error.</summary>
internal sealed class ErrorStreamLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) Console.Error.WriteLine($"ilgpuspp: {formatter(state, exception).ReplaceLineEndings(" ")}");
    }
}
