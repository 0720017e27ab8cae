using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Output;

/// <summary>Writes warnings of the libraries as lines on standard error.</summary>
/// <param name="display">Where a bar may stand in the way of the lines.</param>
internal sealed class ErrorStreamLogger(StageDisplay? display = null) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string line = $"ilgpuspp: {formatter(state, exception).ReplaceLineEndings(" ")}";
        if (display is null) Console.Error.WriteLine(line);
        else display.Note(line);
    }
}
