using System.CommandLine;
using System.Runtime.InteropServices;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Runs a command's work and turns what goes wrong into one line and an exit code.</summary>
internal static class CommandAction
{
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show where an error came from." };

    /// <summary>Adds the work to a command. Ctrl-C cancels the token; the work decides what is saved.</summary>
    public static void Set(Command command, Func<ParseResult, CancellationToken, int> work)
    {
        command.Add(Verbose);
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, work)));
    }

    private static int Run(ParseResult parsed, Func<ParseResult, CancellationToken, int> work)
    {
        using var interrupt = new CancellationTokenSource();
        ConsoleCancelEventHandler cancel = (_, pressed) =>
        {
            // The first Ctrl-C asks the work to save and stop, the second ends the process.
            if (interrupt.IsCancellationRequested) return;
            pressed.Cancel = true;
            interrupt.Cancel();
        };
        Console.CancelKeyPress += cancel;
        void Stop(PosixSignalContext signal)
        {
            if (interrupt.IsCancellationRequested) return;
            signal.Cancel = true;
            interrupt.Cancel();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        // The terminal was closed, on Windows its window.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return work(parsed, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            Tell($"ilgpuspp: {OneLine(error)}");
            if (parsed.GetValue(Verbose)) Tell(error.ToString());
            return error is UsageException ? ExitCode.Usage : ExitCode.Failed;
        }
        finally
        {
            Console.CancelKeyPress -= cancel;
        }
    }

    private static void Tell(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal is closed: the exit code is all that is left to tell.
        }
    }

    private static string OneLine(Exception error)
    {
        if (error is AggregateException { InnerException: { } inner }) error = inner;
        // ArgumentException adds "(Parameter 'x')", which means nothing to a user of the command.
        string message = error is ArgumentException { ParamName: { } name } ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : error.Message;
        return message.ReplaceLineEndings(" ");
    }
}
